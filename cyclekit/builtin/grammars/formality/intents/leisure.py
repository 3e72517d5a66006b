"""Going out: reviews, invitations, plans, books."""

from __future__ import annotations

LEISURE: dict[str, str] = {
    "review": """
        the {dish} [served|offered] at {restaurant} in {city} is [truly|most] [excellent|exquisite|delightful] <end>
        omg <the> {dish} they got @ {restaurant} over in {city} is [so|super] [fire|bomb|good] <end>

        we [waited|were kept waiting|were made to wait] {minutes} minutes for the {dish} at {restaurant}, which is \
            [unacceptable|inexcusable] <end>
        [stood|sat] there {minutes} mins for some {dish} <at> {restaurant}, thats [so not ok|messed up|bs] <end>

        I [highly|warmly|strongly] recommend {hotel} to [visitors of|anyone visiting] {city}, \
            [particularly|especially] for its {amenity} <end>
        u [gotta|hafta|should] try {hotel} if ur ever in {city}, [mostly|just] for <the> {amenity} <end>

        the service at {restaurant} was [slow|inattentive] on {day}, however, the {dish} \
            [made amends|compensated for it] <end>
        {restaurant} [this|last] {day} took [4ever|ages|so long] but <the> {dish} [saved it|made up for it] <end>

        during our stay at {hotel}, the {amenity} was [closed|unavailable|out of service|not accessible] for {count} \
            days <end>
        when we [crashed|stayed] <at> {hotel} the {amenity} was [shut|dead|busted] <some> {count} days <end>
    """,
    "invitation": """
        (@hello) I would be [delighted|honored|most pleased] if you could [attend|join] my {event} @when <end> (@bye)
        (@hello) u [gotta|should totally|hafta] come to my {event} @when <end> (@bye)

        [we would like to|we have the pleasure to|we wish to] [invite|welcome] you to a {event} at the {venue} on \
            {day} <end> \
            (@bye)
        were [throwing|having|doing] a {event} <at> the {venue} {day}, [come thru|swing by|stop by] <end> (@bye)

        <would_you_care_to> [accompany {name} and me to|join {name} and me at|join {name} and me for] the {event} in \
            {city} <q>
        <would_you_care_to> [tag along|roll] w {name} <and> me 2 <the> {event} in {city} <q>

        should you be [available|free|at leisure] @when, [please join|we invite you to join] us for {dish} at \
            {restaurant} <end>
        if ur [around|not busy|free] @when lets [grab|get] some {dish} <at> {restaurant} <end>

        please [confirm|indicate|state] whether you will [attend|be present at] the {event} at the {venue}, \
            <because> we must reserve {count} seats by {day} <end>
        lmk if ur [in|coming|down] for <the> {event} <at> the {venue}, <because> we gotta [book|save|grab] {count} \
            spots b4 {day} <end>
    """,
    "plans": """
        <would_you_care_to> go {activity} [with {name} and me|together with {name} and me] @when <q>
        <would_you_care_to> go {activity} w {name} <and> me @when <q>

        I [suggest|propose|recommend] that we meet at the {venue} at {clock} and [proceed|continue] to {restaurant} \
            <end>
        lets [link up|meet|get together] <at> the {venue} round {clock} <and> [hit|go to] {restaurant} <end>

        <i_will> go {activity} in {city} [throughout|during] {month}, provided that my {relative} \
            [agrees|consents|permits it] <end>
        <i_will> go {activity} round {city} [all|this] {month} if my {relative} [lets me|is cool w it|says ok] <end>

        {name} [insisted on|persisted in|continued] {activity} for {count} hours [despite|in spite of] the \
            [rain|poor weather] <end>
        {name} [kept|wouldnt stop|wouldnt quit] {activity} <some> {count} hrs in the [pouring rain|crap weather] <end>

        <unfortunately> <i_cannot> go {activity} @when, @reason <end>
        <unfortunately> <i_cannot> go {activity} @when, @reason <end>
    """,
    "books": """
        (@hello) [have you read|are you familiar with|are you acquainted with] {title}? {name} considers it \
            [a masterpiece|remarkable|outstanding] <end>
        (@hello) u [read|know|seen] {title}?? {name} thinks its [a banger|lit|sick] <end>

        I found {title} [rather|somewhat] [tedious|dull], although my {relative} in {city} \
            [enjoyed|admired|appreciated] it greatly <end>
        {title} was [kinda|pretty] [boring|meh] but my {relative} over in {city} was [into it|all over it|so hooked] \
            <end>

        {name} [maintains|is of the opinion|is convinced] that {title} [is superior to|surpasses] {title.2} <end>
        {name} [says|swears|thinks] {title} [beats|tops] {title.2} [by far|hands down] <end>

        at the [suggestion|urging|insistence] of {name}, I have read {count} chapters of {title} and do not \
            [understand|comprehend] its [popularity|appeal] <end>
        {name} made me read <some> {count} chapters of {title} <and> i [dont get|cant see] the [hype|buzz] <end>

        <please> [reserve|set aside] {count} copies of {title} for {name} until {day} <end> (@thanks)
        <please> [hold|save|keep] {count} {title} copies 4 {name} til {day} <end> (@thanks)
    """,
}
