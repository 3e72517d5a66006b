"""Between people: apologies, thanks, congratulations, health."""

from __future__ import annotations

PEOPLE: dict[str, str] = {
    "apology": """
        <sorry_for> [missing|not attending] the {event} on {day}, @excuse <end>
        <sorry_for> [missing|ditching] ur {event} {day}, @excuse <end>

        I regret that I [damaged|broke] your {tool}. <i_will> [replace it|provide another|purchase another] prior to \
            {date} <end>
        oops i [wrecked|busted|killed] ur {tool}, <i_will> [get u a new one|swap it out] b4 {date} <end>

        I [deeply|sincerely|truly] regret my [behavior|conduct] towards {name} at the {event} <end>
        feel [so bad|awful|like crap] for how i [acted|was] w {name} <at> <the> {event} <end>

        <sorry_for> my [late|delayed] [reply|response]. I was in {city} with my {relative} without internet access \
            for {count} days <end>
        <sorry_for> [ghosting u|going silent], was [off|stuck] in {city} w my {relative} n no wifi <some> {count} \
            days <end>

        [please forgive me for|I ask your forgiveness for] [revealing|disclosing] the {achievement} to {name} on \
            {day} <end>
        dont [be mad|hate me] i [blabbed|spilled] bout <the> {achievement} to {name} [this|last] {day} <end>
    """,
    "gratitude": """
        <thanks_for> the {color} {decor}. it [suits|complements|matches] my {room} [perfectly|splendidly] <end>
        <thanks_for> <the> {color} {decor}, it [looks sick|goes so well|fits great] in my {room} <end>

        <thanks_for> [the assistance you gave|the support you offered|the aid you lent] {name} with the {subject} \
            [assignment|coursework] on {day} <end>
        <thanks_for> [bailing out|saving|helping out] {name} <with> <the> {subject} hw {day} <end>

        <please> [convey|express] my gratitude to {name} for the {dish} that was served @past <end>
        <please> tell {name} [ty|thx] for <the> {dish} we [had|ate|got] @past <end>

        my {relative} and I [greatly appreciated|thoroughly enjoyed|were delighted by|took great pleasure in] the \
            {event} in {city} <end>
        me <and> my {relative} [loved|had a blast at|were so into] <the> {event} in {city} <end>

        <thanks_for> [your kind care of|the care you gave|your attention to] my {pet} while I had a {ailment} in \
            {month} <end>
        <thanks_for> [watching|babysitting|minding] my {pet} when i got <the> {ailment} [this|last] {month} <end>
    """,
    "congratulations": """
        (@hello) [congratulations|my compliments|my felicitations] on your {achievement}. your {relative} must be \
            [very|immensely] proud <end>
        (@hello) [congrats|grats|way to go] on <the> {achievement}, ur {relative} [is prolly|gotta be] [so|super] \
            proud <end>

        I was [delighted|pleased|overjoyed] to [learn|hear] from {name} about your {achievement} in {city} <end>
        {name} [told me|spilled] bout ur {achievement} over in {city}, im so [hyped|stoked|pumped] <end>

        we [shall|intend to|will|plan to] celebrate the {achievement} of {name} at {restaurant} @when <end>
        were [partying|going out|getting drinks] for <the> {achievement} {name} got, {restaurant} @when <end>

        your {achievement} in {city} was [well deserved|fully merited] after {count} years of \
            [effort|dedication|hard work] <end>
        u [so earned|totally rocked] <the> {achievement} over in {city} after <some> {count} yrs of \
            [grinding|hustle] <end>
    """,
    "health": """
        I have [suffered from|experienced] a {ailment} since {day} and [wish|would like|need] to consult a physician \
            in {city} <end>
        [had|got] this {ailment} since [like|this] {day} <and> [gotta|needa] see a doc [over in|round] {city} <end>

        my {relative} [sustained|suffered] an injury to the {body} [while|when] {activity} in {city} <end>
        my {relative} [busted|messed up|wrecked] <the> {body} {activity} over in {city} <end>

        <please> <tell> {name} that I am [unwell|ill|indisposed] and will not attend the {appointment} on {day} <end>
        <please> <tell> {name} im [sick|dying|so sick] <and> [skipping|bailing on] <the> {appointment} {day} <end>

        [the|my] physician [advised|instructed|directed] me to [refrain from|abstain from] {activity} for {count} \
            weeks because of my {body} <end>
        [the|my] doc [says|told me|is like] no {activity} for <some> {count} wks cuz of my {body} <end>

        [has your {relative}|might I ask whether your {relative} has] [fully|completely|entirely] recovered from the \
            {ailment} since {date} <q>
        hows ur {relative} [doing|holding up|feeling] w <the> {ailment} since like {date} <q>
    """,
}
