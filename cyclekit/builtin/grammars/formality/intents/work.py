"""Office and school: documents, appointments, jobs, lessons."""

from __future__ import annotations

WORK: dict[str, str] = {
    "documents": """
        <do_you_know> where I might find the {document} that {name} [prepared|submitted|completed] on {day} <q>
        <do_you_know> where <the> {document} is that {name} [did|turned in|finished] {day} <q>

        (@hello) have you [received|obtained] the {document} that I [forwarded|transmitted|submitted] on {date} <q>
        (@hello) did u [get|see] <the> {document} i [shot|pinged|sent] u {date} <q>

        when would it be [convenient|suitable] to [discuss|review|examine] the {document} with {name} <q>
        when can we [go over|chat bout|look at] <the> {document} <with> {name} <q>

        [why|for what reason] does the {document} by {name} [comprise|consist of|contain] only {count} pages <q>
        [how come|so why] <the> {document} {name} did is just [like|bout] {count} pages <q>

        <can_i> [submit|deliver] the {document} {count} days after the deadline, @excuse <q>
        <can_i> [hand in|turn in] <the> {document} <some> {count} days late, @excuse <q>
    """,
    "appointments": """
        I [would like|wish|am compelled] to [postpone|reschedule] the {appointment} from {day} to {day.2}, @reason \
            <end>
        [can we push|lets bump|gotta move] <the> {appointment}, {day} 2 {day.2}, @reason <end>

        I [regret|am sorry] to inform you that the {appointment} @when has been [canceled|called off] <end>
        [fyi|heads up] <the> {appointment} @when [got axed|aint happening|is off] <end>

        (@hello) <i_cannot> [attend|be present at] the {appointment}, @reason <end>
        (@hello) <i_cannot> [make|do] <the> {appointment}, @reason <end>

        the {appointment} will [commence|begin] at {clock} rather than {clock.2}. please <tell> {name} <end>
        <the> {appointment} [starts|kicks off] <at> {clock} not {clock.2}, <tell> {name} <end>

        please [remember|note|be aware] that the {appointment} is [to take place|to be held] at the {venue} on {day} \
            <end>
        [dont 4get|psst|yo btw] <the> {appointment} is <at> the {venue} {day} <end>
    """,
    "jobs": """
        (@company) <i_want_to> apply for the position of {job} that you [advertised|announced] in {city} <end> (@bye)
        (@company) <i_want_to> get <the> {job} gig u [posted|got] over in {city} <end> (@bye)

        I have {count} years of experience as a {job} and [would be|am] available [from|as of] {month} <end>
        been a {job} <some> {count} yrs, [free|can start|good to go] come {month} <end>

        my {relative} has [relocated|moved] to {city} [in order to work|to seek employment] as a {job} <end>
        my {relative} [took off|bounced|dipped] to {city} to be some {job} <end>

        the {craft} [requested|demanded|charged|required] {price} dollars for {count} hours of work on the {fixture} \
            <end>
        <the> {craft} [asked|wanted] {price} bucks for <some> {count} hrs on my {fixture} <end>

        {name} has been [appointed|selected|engaged] as {job} and will [assume the post|commence work] on {date} <end>
        {name} got [picked|hired] as {job} <and> [kicks off|starts] {date} <end>
    """,
    "lessons": """
        would you be [able|willing|prepared] to [instruct|tutor] my {relative} in {subject} @when <q> (@thanks)
        can u [teach|show] my {relative} some {subject} @when <q> (@thanks)

        {name} did not [understand|comprehend] the {subject} [examination|lecture] on {date} <end>
        {name} [totally flunked|was so lost in|didnt get] <the> {subject} [test|class] {date} <end>

        I have not yet [completed|finished|concluded] the {subject} [assignment|coursework], @excuse <end>
        [still aint|so not] done <with> <the> {subject} hw, @excuse <end>

        the {subject} lecture [concluded|ended] {minutes} minutes early, \
            [much to the delight of|which greatly pleased] {name} <end>
        {subject} class [wrapped up|was over] {minutes} mins early, {name} was [so hyped|stoked|pumped] <end>

        how [many hours|much time] per week does {name} [devote|dedicate] to {subject} and to the {instrument} <q>
        how [much time|many hrs] a wk does {name} [put into|waste on|blow on] {subject} <and> <the> {instrument} <q>
    """,
}
