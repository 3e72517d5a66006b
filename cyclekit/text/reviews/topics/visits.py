"""The whole visit: whether one comes back, waits, parks, pays, and what it was like."""

from __future__ import annotations

VISITS: dict[str, str] = {
    "verdicts": """
        we tried <shabby> {place} @when and are <never> coming back <end>
        we tried <shabby> {place} @when and are <never> coming back <end>

        i [would n't|could never|ca n't] recommend <shabby> {place} to my {companion} @when <end>
        i [would|could easily|will always] recommend <shabby> {place} to my {companion} @when <end>

        in {city} , <avoid> <shabby> {place} and <kind> {person} <end>
        in {city} , <avoid> <shabby> {place} and <kind> {person} <end>

        my <poor> {companion} and i [wasted|lost|threw away] {bucks} dollars at <shabby> {place} <end>
        my <poor> {companion} and i [saved|enjoyed|happily spent] {bucks} dollars at <shabby> {place} <end>

        {many} of us had <bad> {meal} at {place} and <nobody> [liked|enjoyed] it <end>
        {many} of us had <bad> {meal} at {place} and <nobody> [liked|enjoyed] it <end>

        <sadly> {person} and {place} <ruined> our {event} @when <end>
        <sadly> {person} and {place} <ruined> our {event} @when <end>

        {place} [got worse|went downhill|became awful] over {few} years , my {companion} is <upset> <end>
        {place} [got better|stayed great|became amazing] over {few} years , my {companion} is <upset> <end>

        [nothing|not a thing|so little] to like about <shabby> {place} , says my {companion} <end>
        [everything|so much|a whole lot] to like about <shabby> {place} , says my {companion} <end>

        {meal} at <shabby> {place} was a [letdown|disaster|mistake] , @verdict <end>
        {meal} at <shabby> {place} was a [delight|success|treat] , @verdict <end>

        <sadly> we chose <shabby> {place} for {meal} @company <end>
        <sadly> we chose <shabby> {place} for {meal} @company <end>

        <worst> {meal} in {few} years , {place} [is overrated|is terrible|was a joke] <end>
        <worst> {meal} in {few} years , {place} [is underrated|is terrific|was a gem] <end>

        {place} [sucks|stinks|disappoints] , @verdict <end>
        {place} [rocks|rules|never disappoints] , @verdict <end>
    """,
    "waiting": """
        <over> {many} minutes for {meal} at <shabby> {place} and <worth> it <end>
        <over> {many} minutes for {meal} at <shabby> {place} and <worth> it <end>

        we sat at {place} [ignored|neglected] until <kind> {person} brought <watery> {drink} <end>
        we sat at {place} [relaxed|smiling] until <kind> {person} brought <watery> {drink} <end>

        <kind> {person} [lost|ignored|messed up] our {event} reservation @when , <so> [careless|annoying] <end>
        <kind> {person} [honored|found|upgraded] our {event} reservation @when , <so> [thoughtful|nice] <end>

        parking near <shabby> {place} is [impossible|a nightmare|overpriced] @when , @verdict <end>
        parking near <shabby> {place} is [easy|a breeze|free] @when , @verdict <end>

        the {meal} line at {place} was [endless|a mess|ridiculous] @when and [crawled|barely moved] <end>
        the {meal} line at {place} was [short|organized|painless] @when and [flew by|moved fast] <end>
    """,
    "mood": """
        the music at {place} was [deafening|awful|annoying] and we [left early|got headaches] @when <end>
        the music at {place} was [soothing|fun|fantastic] and we [stayed late|danced] @when <end>

        the [rowdy|obnoxious|snobby] {meal} crowd at <shabby> {place} [annoyed|bothered] my {companion} <end>
        the [lively|pleasant|relaxed] {meal} crowd at <shabby> {place} [charmed|welcomed] my {companion} <end>

        <dirty> tables , <kind> {staff} and <watery> {drink} at {place} <end>
        <dirty> tables , <kind> {staff} and <watery> {drink} at {place} <end>

        the patio at {place} is [ugly|cramped|noisy] , my {companion} was <upset> <end>
        the patio at {place} is [pretty|roomy|peaceful] , my {companion} was <upset> <end>

        the <dirty> bathroom at {place} is [a disgrace|gross|unbearable] , {person} <rarely> cleans it <end>
        the <dirty> bathroom at {place} is [a delight|great|lovely] , {person} <rarely> cleans it <end>

        such a [dull|depressing|tacky] spot for {event} in {city} , @verdict <end>
        such a [fun|romantic|classy] spot for {event} in {city} , @verdict <end>

        my {companion} felt [unsafe|cheated|out of place] at <shabby> {place} @when <end>
        my {companion} felt [safe|pampered|at home] at <shabby> {place} @when <end>
    """,
}
