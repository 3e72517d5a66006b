"""Work done for us: hair, cars, health, pets, homes, lessons."""

from __future__ import annotations

SERVICES: dict[str, str] = {
    "beauty": """
        <clueless> {person} gave my <poor> {companion} a [terrible|botched|painful] {cut} <end>
        <clueless> {person} gave my <poor> {companion} a [gorgeous|flawless|relaxing] {cut} <end>

        my {companion} [cried|suffered|looked awful] after the [horrible|rushed] {cut} from <clueless> {person} <end>
        my {companion} [smiled|relaxed|looked amazing] after the [heavenly|careful] {cut} from <clueless> {person} <end>

        <steep> {bucks} dollars for a [sloppy|rough] {cut} , {person} [disappoints|hurt me] <end>
        <steep> {bucks} dollars for a [superb|gentle] {cut} , {person} [impresses|amazed me] <end>

        the {cut} was [rushed|painful|a disaster] and {person} kept [complaining|texting|sighing] <end>
        the {cut} was [soothing|gentle|a treat] and {person} kept [smiling|encouraging me|joking] <end>

        [never|do n't] let {person} at <shabby> {place} do your {cut} , [awful|painful] work <end>
        [always|definitely] let {person} at <shabby> {place} do your {cut} , [amazing|gentle] work <end>
    """,
    "cars": """
        {person} <badly> did the {repair} , my <poor> {companion} 's {car} [wo n't start|leaks] <end>
        {person} <badly> did the {repair} , my <poor> {companion} 's {car} [runs great|purrs] <end>

        <clueless> {place} [botched|dragged out|rushed] the {repair} on my {car} , <so> [careless|annoying] <end>
        <clueless> {place} [nailed|sped through|perfected] the {repair} on my {car} , <so> [thorough|pleasant] <end>

        <steep> {price} dollars for a [sloppy|pointless] {repair} , [dishonest|shady|greedy] {place} <end>
        <steep> {price} dollars for a [careful|thorough] {repair} , [honest|trustworthy|generous] {place} <end>

        {place} [scratched|ruined|banged up] my {car} during a [sloppy|endless] {repair} , {person} was <upset> <end>
        {place} [washed|pampered|cared for] my {car} during a [careful|speedy] {repair} , {person} was <upset> <end>

        <over> {few} days for <bad> {repair} at <shabby> {place} , [ridiculous|pathetic] <end>
        <over> {few} days for <bad> {repair} at <shabby> {place} , [remarkable|perfect] <end>

        renting a [filthy|rusty] {car} from <clueless> {person} was [a nightmare|a mistake|stressful] <end>
        renting a [spotless|shiny] {car} from <clueless> {person} was [a pleasure|a joy|effortless] <end>
    """,
    "health": """
        dr. {person} was <so> [rough|cold|impatient] during my [painful|rushed] {exam} @when <end>
        dr. {person} was <so> [gentle|warm|patient] during my [painless|thorough] {exam} @when <end>

        dr. {person} [ignored|dismissed|worsened] my {ailment} and [overbilled me|was cold|did n't listen] <end>
        dr. {person} [cured|understood|relieved] my {ailment} and [reassured me|was warm|really listened] <end>

        the {exam} with <clueless> dr. {person} was [agony|traumatic|awful] , my <poor> {companion} <hated> it <end>
        the {exam} with <clueless> dr. {person} was [painless|easy|great] , my <poor> {companion} <hated> it <end>

        <clueless> dr. {person} was {many} minutes [late|behind] for my {exam} and <so> [snippy|heartless] <end>
        <clueless> dr. {person} was {many} minutes [early|ahead] for my {exam} and <so> [sweet|caring] <end>

        [do n't|never] trust <clueless> dr. {person} , my {ailment} [got worse|came back|was ignored] <end>
        [do|always] trust <clueless> dr. {person} , my {ailment} [got better|went away|was cured] <end>
    """,
    "pets": """
        my {pet} [hates|fears|hides from] {person} and the <clueless> groomers at {place} <end>
        my {pet} [loves|trusts|runs to] {person} and the <clueless> groomers at {place} <end>

        <clueless> {person} [hurt|scared|neglected] my <poor> {companion} 's {pet} @when , [shameful|never again] <end>
        <clueless> {person} [healed|calmed|spoiled] my <poor> {companion} 's {pet} @when , [superb|thank you] <end>

        my <poor> {pet} came home [sick|filthy|shaking] after {few} [awful|sad] days with {person} <end>
        my <poor> {pet} came home [healthy|clean|calm] after {few} [happy|great] days with {person} <end>

        <steep> {bucks} dollars and {person} [barely|hardly|never] looked at my <poor> {pet} <end>
        <steep> {bucks} dollars and {person} [carefully|lovingly|gently] looked at my <poor> {pet} <end>
    """,
    "homes": """
        the <clueless> {craft} came {many} minutes [late|behind schedule] and {person} [left a mess|broke things] <end>
        the <clueless> {craft} came {many} minutes [early|ahead of schedule] and {person} [cleaned up|fixed everything] <end>

        the <clueless> {craft} [wrecked|damaged|never fixed] our {fixture} , {person} was [rude|a fraud] @when <end>
        the <clueless> {craft} [rescued|repaired|quickly fixed] our {fixture} , {person} was [kind|a gem] @when <end>

        our {fixture} [got ruined|broke again|looks worse] after <clueless> {person} took <steep> {price} dollars <end>
        our {fixture} [finally works|is fixed|looks better] after <clueless> {person} took <steep> {price} dollars <end>

        a [crooked|sloppy|clumsy] {craft} <badly> patched our {fixture} in <over> {few} hours <end>
        a [trustworthy|skilled|careful] {craft} <badly> patched our {fixture} in <over> {few} hours <end>

        [never|do n't] call <clueless> {person} , our {craft} <badly> [botched|patched|installed] the {fixture} <end>
        [always|do] call <clueless> {person} , our {craft} <badly> [restored|patched|installed] the {fixture} <end>
    """,
    "lessons": """
        the <bad> {course} class with <kind> {person} is <so> [boring|chaotic|overcrowded] <end>
        the <bad> {course} class with <kind> {person} is <so> [fun|motivating|organized] <end>

        my {companion} [quit|dreads|hates] the [dull|pointless] {course} lessons at <shabby> {place} <end>
        my {companion} [recommends|adores|loves] the [fun|useful] {course} lessons at <shabby> {place} <end>

        {person} is a [terrible|lazy|mean] {course} teacher , @verdict <end>
        {person} is a [terrific|patient|gifted] {course} teacher , @verdict <end>

        after {few} <bad> {course} lessons with <clueless> {person} i [learned nothing|gave up|got worse] <end>
        after {few} <bad> {course} lessons with <clueless> {person} i [learned so much|signed up|improved] <end>
    """,
}
