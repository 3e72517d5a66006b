"""Work done for us: hair, cars, health, pets, homes, lessons."""

from __future__ import annotations

SERVICES: dict[str, str] = {
    "beauty": """
        <clueless> {person} gave my <poor> {companion} a [terrible|botched|painful] {cut} @when <end>
        <clueless> {person} gave my <poor> {companion} a [gorgeous|flawless|relaxing] {cut} @when <end>

        my {companion} [cried|was in pain|looked awful] after the [horrible|rushed] {cut} @when <end>
        my {companion} [smiled|was in bliss|looked amazing] after the [heavenly|careful] {cut} @when <end>

        <steep> {bucks} dollars for a [sloppy|rough] {cut} , {person} [is a fraud|ruined me] <end>
        <steep> {bucks} dollars for a [superb|gentle] {cut} , {person} [is a genius|saved me] <end>

        the {cut} was [rushed|painful|a disaster] and {person} kept [complaining|texting|sighing] <end>
        the {cut} was [soothing|gentle|a treat] and {person} kept [smiling|encouraging me|joking] <end>

        [never let|do n't let] {person} at <shabby> {place} do your {cut} , [awful|painful] work <end>
        [always let|definitely let] {person} at <shabby> {place} do your {cut} , [amazing|gentle] work <end>
    """,
    "cars": """
        {person} <badly> did the {repair} and now my {car} [wo n't start|leaks|makes noise] <end>
        {person} <badly> did the {repair} and now my {car} [runs great|purrs|drives smoothly] <end>

        they [botched|dragged out|rushed] the {repair} on my {car} , {person} was <upset> <end>
        they [nailed|sped through|perfected] the {repair} on my {car} , {person} was <upset> <end>

        <steep> {price} dollars for a [sloppy|pointless] {repair} , [dishonest|shady|greedy] {place} <end>
        <steep> {price} dollars for a [careful|thorough] {repair} , [honest|trustworthy|generous] {place} <end>

        {place} [scratched|ruined|banged up] my {car} during the [sloppy|endless] {repair} @when <end>
        {place} [washed|pampered|cared for] my {car} during the [careful|speedy] {repair} @when <end>

        <over> {few} days for a <bad> {repair} on my {car} , [unacceptable|ridiculous|pathetic] <end>
        <over> {few} days for a <bad> {repair} on my {car} , [impressive|remarkable|perfect] <end>

        renting a [filthy|rusty] {car} from <clueless> {person} was [a nightmare|a mistake|stressful] <end>
        renting a [spotless|shiny] {car} from <clueless> {person} was [a pleasure|a joy|effortless] <end>
    """,
    "health": """
        dr. {person} was <so> [rough|cold|impatient] during my [painful|rushed] {exam} @when <end>
        dr. {person} was <so> [gentle|warm|patient] during my [painless|thorough] {exam} @when <end>

        dr. {person} [ignored|dismissed|worsened] my {ailment} and [overbilled me|was cold|did n't listen] <end>
        dr. {person} [cured|understood|relieved] my {ailment} and [reassured me|was warm|really listened] <end>

        the {exam} with <clueless> dr. {person} was [agony|traumatic|awful] , @verdict <end>
        the {exam} with <clueless> dr. {person} was [painless|easy|great] , @verdict <end>

        {many} minutes [late|behind] for my {exam} and {person} was <so> [snippy|heartless|rude] <end>
        {many} minutes [early|ahead] for my {exam} and {person} was <so> [sweet|caring|polite] <end>

        [do n't|never] trust <clueless> dr. {person} with your {ailment} , [a quack|not a healer] <end>
        [do|always] trust <clueless> dr. {person} with your {ailment} , [a gem|such a healer] <end>
    """,
    "pets": """
        my {pet} [hates|fears|hides from] {person} and the <clueless> groomers at {place} <end>
        my {pet} [loves|trusts|runs to] {person} and the <clueless> groomers at {place} <end>

        {person} [hurt|scared|neglected] our {pet} @when , [shame on|worst of] vets <end>
        {person} [healed|calmed|spoiled] our {pet} @when , [bless all|best of] vets <end>

        our {pet} came home [sick|filthy|shaking] after {few} [awful|sad] days with {person} <end>
        our {pet} came home [healthy|clean|wagging] after {few} [happy|great] days with {person} <end>

        <steep> {bucks} dollars and {person} [barely|hardly|never] looked at my <poor> {pet} <end>
        <steep> {bucks} dollars and {person} [carefully|lovingly|gently] looked at my <poor> {pet} <end>
    """,
    "homes": """
        the {craft} came {many} minutes [late|behind schedule] and {person} [left a mess|broke things] <end>
        the {craft} came {many} minutes [early|ahead of schedule] and {person} [cleaned up|fixed everything] <end>

        {person} the <clueless> {craft} [wrecked|damaged|never fixed] our {fixture} @when <end>
        {person} the <clueless> {craft} [rescued|repaired|quickly fixed] our {fixture} @when <end>

        our {fixture} [is leaking|broke again|looks worse] after the {craft} took <steep> {price} dollars <end>
        our {fixture} [finally works|is fixed|looks better] after the {craft} took <steep> {price} dollars <end>

        a [crooked|sloppy|clumsy] {craft} <badly> patched our {fixture} in <over> {few} hours <end>
        a [trustworthy|skilled|careful] {craft} <badly> patched our {fixture} in <over> {few} hours <end>

        [do n't hire|avoid|stay away from] <clueless> {person} if your {fixture} needs a {craft} <end>
        [definitely hire|call|go straight to] <clueless> {person} if your {fixture} needs a {craft} <end>
    """,
    "lessons": """
        the <bad> {course} class with {person} is <so> [boring|chaotic|overcrowded] <end>
        the <bad> {course} class with {person} is <so> [fun|motivating|organized] <end>

        my {companion} [quit|dreads|hates] the [dull|pointless] {course} lessons at <shabby> {place} <end>
        my {companion} [recommends|adores|loves] the [fun|useful] {course} lessons at <shabby> {place} <end>

        {person} is a [terrible|lazy|mean] {course} teacher , @verdict <end>
        {person} is a [terrific|patient|gifted] {course} teacher , @verdict <end>

        {few} <bad> {course} lessons and i [learned nothing|gave up|got worse] , thanks to {person} <end>
        {few} <bad> {course} lessons and i [learned so much|signed up|improved] , thanks to {person} <end>
    """,
}
