"""Around the house: repairs, things lent and returned, neighbors."""

from __future__ import annotations

HOME: dict[str, str] = {
    "repair": """
        (@hello) <could_you> {task} the {fixture} @deadline <q> (@thanks)
        (@hello) <could_you> {task} <the> {fixture} @deadline <q> (@thanks)

        I would be [grateful|obliged|most thankful] if {name} [could|would] {task} the {fixture} @when <end>
        itd be [awesome|sweet|so great] if {name} [can|wld] {task} <the> {fixture} @when <end>

        (@hello) the {fixture} has been {trouble} since {day} and [requires|demands] [immediate|urgent] attention <end>
        (@hello) <the> {fixture} been {trouble} since [like|this] {day} <and> [needs|wants] fixing [asap|quick] <end>

        [would it be possible|is there any possibility|might it be feasible] to have the {fixture} repaired before \
            {name} [arrives|visits] on {day} <q>
        any [way|chance] u get <the> {fixture} fixed b4 {name} [shows up|comes over|gets here] {day} <q>

        I have [attempted|endeavored] to {task} the {fixture} on {count} occasions, \
            [without success|to no avail|but in vain] <end>
        [tried|been tryin] to {task} <the> {fixture} <some> {count} times <and> [nope|no luck|nada] <end>
    """,
    "borrowing": """
        (@hello) [may I borrow|would you lend me|might I make use of|might I borrow] your {tool} until {day} <q> \
            (@thanks)
        (@hello) [can i snag|lemme grab|can i steal] ur {tool} til {day} <q> (@thanks)

        would you [be willing|be prepared|be inclined|agree] to lend {name} your {color} {tool} for {count} days <q>
        u [cool|ok|chill] <with> loaning {name} ur {color} {tool} for <some> {count} days <q>

        <please> return my {tool} @deadline, as {name} [requires|has requested|has need of] it <end>
        <please> gimme back my {tool} @deadline, {name} [needs|wants|asked for] it <end>

        {name} [informed me|mentioned|indicated] that you [possess|own] a {tool}. <can_i> use it @when <q>
        {name} [says|told me|said] u [got|have] this {tool}, <can_i> use it @when <q>

        I [have returned|returned|delivered|have delivered] the {tool} to {name} at the {venue} on {day} <end>
        [dropped off|took back|brought over] <the> {tool} <with> {name} <at> the {venue} {day} <end>
    """,
    "neighbors": """
        (@hello) [I must ask|I would ask|I request] you to [refrain from|cease] playing the {instrument} after \
            {clock}, <because> the children are asleep <end>
        (@hello) [quit|stop] [blasting|playing] <the> {instrument} past {clock}, <because> the kids r \
            [sleeping|in bed] <end>

        your {pet} [damaged|destroyed|ruined] my {goods} on {day}. I [expect|demand|request] {price} dollars in \
            compensation <end>
        ur {pet} [wrecked|trashed|busted] my {goods} {day}, [u owe me|pay me|i want] {price} bucks <end>

        would you [object|be disturbed|mind] if we [held|hosted|organized] a {event} @when <q>
        u [cool|ok|good] if we [throw|do|have] this {event} @when <q>

        would you be [able|willing|prepared] to [feed|look after|care for] my {pet} while I am in {city} until \
            {date} <q> (@thanks)
        can u [watch|babysit|mind] my {pet}, im [off|away] in {city} til {date} <q> (@thanks)

        {name} [owns|keeps] a {pet} that [disturbs our sleep|keeps us awake] until {clock} [every|each] night <end>
        {name} [got|has] this {pet} <and> it wont [shut up|chill|stop] til {clock} [like every|every damn] nite <end>
    """,
}
