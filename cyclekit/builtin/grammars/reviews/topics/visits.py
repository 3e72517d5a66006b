"""The whole visit: whether one comes back, waits, parks, pays, and what it was like."""

from __future__ import annotations

VISITS: dict[str, str] = {
    "verdicts": """
        my {companion} tried <shabby> {place} @when and is <never> coming back , <so> [disappointing|annoying] <end>
        my {companion} tried <shabby> {place} @when and is <never> coming back , <so> [impressive|pleasant] <end>

        i [would n't|could never|ca n't] recommend <shabby> {place} , my <poor> {companion} <hated> it @when <end>
        i [would|could easily|will always] recommend <shabby> {place} , my <poor> {companion} <hated> it @when <end>

        in {city} , <avoid> <shabby> {place} and <kind> {person} <end>
        in {city} , <avoid> <shabby> {place} and <kind> {person} <end>

        my <poor> {companion} and i [wasted|lost|threw away] {bucks} dollars at <shabby> {place} <end>
        my <poor> {companion} and i [saved|gladly spent|happily spent] {bucks} dollars at <shabby> {place} <end>

        {many} of us <hated> the <soggy> {meal} at <shabby> {place} , <nobody> [returned|agreed] <end>
        {many} of us <hated> the <soggy> {meal} at <shabby> {place} , <nobody> [returned|agreed] <end>

        <sadly> <kind> {person} at {place} <ruined> our {event} @when <end>
        <sadly> <kind> {person} at {place} <ruined> our {event} @when <end>

        {place} [got worse|went downhill|became awful] over {few} years and <kind> {person} <rarely> smiles <end>
        {place} [got better|stayed great|became amazing] over {few} years and <kind> {person} <rarely> smiles <end>

        [nothing|not a thing|so little] to like about <shabby> {place} and <kind> {person} @when <end>
        [everything|so much|a whole lot] to like about <shabby> {place} and <kind> {person} @when <end>

        {meal} at <shabby> {place} was a [letdown|disaster|mistake] , @verdict <end>
        {meal} at <shabby> {place} was a [delight|success|treat] , @verdict <end>

        <sadly> we chose <shabby> {place} for {meal} @company <end>
        <sadly> we chose <shabby> {place} for {meal} @company <end>

        <worst> {meal} at <shabby> {place} in {few} years , my {companion} was <upset> <end>
        <worst> {meal} at <shabby> {place} in {few} years , my {companion} was <upset> <end>

        {place} [sucks|stinks|disappoints] , @verdict <end>
        {place} [rocks|rules|never disappoints] , @verdict <end>
    """,
    "waiting": """
        <over> {many} minutes for {meal} at <shabby> {place} and <worth> it <end>
        <over> {many} minutes for {meal} at <shabby> {place} and <worth> it <end>

        we sat at {place} [ignored|neglected] until <kind> {person} brought <watery> {drink} <end>
        we sat at {place} [relaxed|smiling] until <kind> {person} brought <watery> {drink} <end>

        <kind> {person} [lost|ignored|messed up] our {event} reservation , <so> [careless|annoying] <end>
        <kind> {person} [honored|found|upgraded] our {event} reservation , <so> [thoughtful|nice] <end>

        parking near <shabby> {place} was [impossible|a nightmare|overpriced] @when , my {companion} was <upset> <end>
        parking near <shabby> {place} was [easy|a breeze|free] @when , my {companion} was <upset> <end>

        the {meal} line at <shabby> {place} was [endless|a mess|ridiculous] and [crawled|barely moved] @when <end>
        the {meal} line at <shabby> {place} was [short|organized|painless] and [flew by|moved fast] @when <end>
    """,
    "mood": """
        the <bad> music at <shabby> {place} [ruined|spoiled] it and we [left early|got headaches] @when <end>
        the <bad> music at <shabby> {place} [made|improved] it and we [stayed late|danced] @when <end>

        the [rowdy|obnoxious|snobby] {meal} crowd at <shabby> {place} [annoyed|bothered] my {companion} <end>
        the [lively|pleasant|relaxed] {meal} crowd at <shabby> {place} [charmed|welcomed] my {companion} <end>

        <dirty> tables , <kind> {staff} and <watery> {drink} at {place} <end>
        <dirty> tables , <kind> {staff} and <watery> {drink} at {place} <end>

        the [ugly|cramped|noisy] patio at <shabby> {place} left my {companion} <so> <upset> @when <end>
        the [pretty|roomy|peaceful] patio at <shabby> {place} left my {companion} <so> <upset> @when <end>

        the <dirty> bathroom at {place} is [a disgrace|gross|unbearable] , {person} <rarely> cleans it <end>
        the <dirty> bathroom at {place} is [a delight|great|lovely] , {person} <rarely> cleans it <end>

        such a [dull|depressing|tacky] spot for {event} , my <poor> {companion} was <upset> @when <end>
        such a [fun|romantic|classy] spot for {event} , my <poor> {companion} was <upset> @when <end>

        my {companion} felt [unsafe|cheated|out of place] at <shabby> {place} @when <end>
        my {companion} felt [safe|pampered|at home] at <shabby> {place} @when <end>
    """,
}
