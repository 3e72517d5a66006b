"""On the way: delays, journeys."""

from __future__ import annotations

TRAVEL: dict[str, str] = {
    "delays": """
        (@hello) I [shall|will|expect to] arrive <about> {minutes} minutes late, @excuse <end>
        (@hello) [gonna|ima|im gonna] be <about> {minutes} mins late, @excuse <end>

        the {vehicle} to {city} is delayed by <about> {minutes} minutes. please \
            [proceed without me|do not wait for me] <end>
        <the> {vehicle} 2 {city} is <about> {minutes} mins behind, [go ahead|dont wait up|just go] <end>

        <please> <tell> {name} that I will not [reach|arrive in] {city} before {clock} <end>
        <please> <tell> {name} i aint gonna [hit|make] {city} b4 {clock} <end>

        (@hello) I have been [waiting|standing] at the {venue} for <about> {minutes} minutes. \
            [where are you|may I ask where you are] <q>
        (@hello) been <at> the {venue} for <about> {minutes} mins, [where u at|u coming|where r u] <q>

        we [missed|were unable to catch|failed to catch] the {vehicle} in {city} and [will|shall] arrive on {day} <end>
        we [totally missed|didnt catch] <the> {vehicle} in {city} so we [get in|be there] {day} <end>
    """,
    "journeys": """
        we [intend|are planning|plan|propose] to travel to {city} by {vehicle} in {month} <end>
        were [hitting|doing] {city} on some {vehicle} [this|come] {month} <end>

        <i_want_to> reserve a room at {hotel} for {count} nights [from|as of] {date} <end> (@thanks)
        <i_want_to> [book|get] us in <at> {hotel} <some> {count} nites, {date} on <end> (@thanks)

        how [long does it take|much time is required|much time does it take|many hours are required] to travel from \
            {city} to {city.2} by {vehicle} <q>
        hows the {vehicle} from {city} 2 {city.2}, like [how many hrs|4ever|how long] <q>

        what would you [recommend|suggest|advise|propose] visiting in {city} with {count} children in {month} <q>
        whats [cool|fun|good] round {city} w {count} kids [this|come] {month} <q>

        <could_you> [collect|meet] {name} at the {venue} in {city} @when <q>
        <could_you> [scoop|grab] {name} <at> the {venue} in {city} @when <q>

        {name} [has left|left behind|has forgotten|forgot] a {tool} on the {vehicle} to {city} on {date} <end>
        {name} [ditched|lost] some {tool} on <the> {vehicle} 2 {city} {date} <end>
    """,
}
