"""Style points that many frames share, and clauses: what stands before, in and after the sentence proper."""

from __future__ import annotations

POINTS: dict[str, tuple[str, str]] = {
    # By name: formal alternatives, informal alternatives. Any of them says the same; one named twice is likelier.
    "end": (".", "| !! | !"),
    "q": ("?", "?? | | ?"),
    "and": ("and", "n | & | and"),
    "with": ("with", "w | w | with"),
    "the": ("the", "that | that | the"),
    "about": ("approximately | roughly", "like | bout"),
    "some": ("", "like | bout | a good"),
    "at": ("at", "@ | @ | at"),
    "tomorrow": ("tomorrow", "tmrw | tmr | 2moro"),
    "because": ("as | since | because", "cuz | bc | coz"),
    "please": ("please | kindly | be so kind as to", "pls | plz | just"),
    "tell": ("inform | notify | advise", "tell | text | ping"),
    "could_you": (
        "could you please | would you kindly | may I ask you to | would you be so good as to",
        "can u pls | can u plz | could u pls",
    ),
    "can_i": ("may I | might I | would it be possible to", "can i | cool if i | mind if i"),
    "do_you_know": ("do you happen to know | can you tell me | do you perhaps know", "any clue | any idea | u know"),
    "i_want_to": ("I would like to | I wish to | I should like to", "i wanna | wanna | id love to"),
    "i_will": ("I shall | I will | I intend to", "ima | im gonna | gonna"),
    "i_cannot": ("I am unable to | I cannot | I am not able to", "i cant | cant | no way i can"),
    "unfortunately": ("unfortunately, | regrettably, | I regret that", "ugh | sucks but | welp"),
    "sorry_for": (
        "I sincerely apologize for | please accept my apologies for | I deeply regret",
        "so sorry bout | my bad for | sry bout",
    ),
    "thanks_for": (
        "I am very grateful for | thank you very much for | I sincerely appreciate",
        "thx a ton for | tysm for | mad props for",
    ),
    "would_you_care_to": ("would you care to | would you like to | may I invite you to", "u wanna | wanna | down to"),
}

CLAUSES: dict[str, str] = {
    "hello": """
        [dear|good morning|greetings] {name},
        [hey|yo|hiya] {name}

        [excuse me|pardon me|forgive the interruption],
        [hey so|umm|ok so]
    """,
    "company": """
        [to whom it may concern|ladies and gentlemen|dear sir or madam],
        [hi folks|hey guys|hey all]

        [dear|good morning|greetings] {name},
        [hey|yo|hiya] {name}
    """,
    "thanks": """
        [thank you|many thanks|I thank you] in advance.
        [thx a bunch|ur the best|ty]

        [I would greatly appreciate it|I would be much obliged|this would help me considerably].
        [itd be huge|would mean a lot|itd save me]
    """,
    "bye": """
        I look forward to [your reply|your response|hearing from you].
        [hit me back|holla back|lmk]

        [kind regards|sincerely|respectfully], {name}.
        [cheers|laters|xoxo] {name}
    """,
    "deadline": """
        [no later than|by the end of] {day}
        by {day} [tops|latest|max]

        before {clock} <tomorrow>
        b4 {clock} <tomorrow>

        within {count} days
        in <some> {count} days

        [prior to|in advance of] {date}
        b4 {date}

        [as soon as possible|at your earliest convenience|without delay]
        [asap|like right now|real quick]
    """,
    "when": """
        on {day}
        [this|come] {day}

        on {day} at {clock}
        {day} <at> {clock}

        <tomorrow> at {clock}
        <tomorrow> <at> {clock}

        on the morning of {date}
        {date} in the am

        [this evening|later this evening]
        [tonite|2nite|2night]

        in {count} weeks
        in <some> {count} wks

        [following|subsequent to] the {appointment}
        [right after|after] <the> {appointment}
    """,
    "past": """
        on {day}
        [this|last] {day}

        [yesterday|yesterday evening]
        [yday|last nite]

        {count} days ago
        <some> {count} days back

        on {date}
        [back on|like on] {date}

        during the {event}
        @ <the> {event}
    """,
    "reason": """
        <because> my {relative} [has fallen ill|is unwell|is indisposed]
        <because> my {relative} [got sick|feels awful|is super sick]

        <because> I have [an obligation|a prior commitment|a prior obligation] with {name} at {clock}
        <because> i got [a thing|stuff] <with> {name} <at> {clock}

        <because> I [must remain|am required to stay] in {city} until {day}
        <because> im [stuck|trapped|stranded] in {city} til {day}

        <because> my {pet} requires [a veterinarian|veterinary care]
        <because> my {pet} [gotta see|needs] a vet

        <because> my {relative} is [visiting|arriving|traveling here] from {city}
        <because> my {relative} is [crashing here|rolling in] from {city}

        <because> my {body} is [extremely painful|causing me great pain]
        <because> my {body} [hurts like crazy|is killing me|is so messed up]

        <because> I [am required|am obliged|have been asked] to work until {clock}
        <because> i [gotta|hafta] work til {clock}

        <because> we [are expecting|shall be receiving|will be hosting] {count} guests
        <because> we got {count} [ppl|peeps] [coming|over]

        <because> I [lack the funds|do not have the means] until {month}
        <because> im [broke|outta cash|so broke] til {month}
    """,
    "excuse": """
        <because> my {relative} had [fallen ill|become unwell]
        <because> my {relative} [got sick|felt awful|was puking]

        <because> my {pet} required [a veterinarian|veterinary care]
        <because> my {pet} [had to see|needed] a vet

        <because> the {vehicle} to {city} was [canceled|withdrawn from service]
        <because> <the> {vehicle} 2 {city} [got axed|never came|was a no show]

        <because> I [was required|was obliged|had been asked] to work until {clock}
        <because> i [had to|hadda] work til {clock}

        <because> I had [misplaced|mislaid] the {document}
        <because> i [lost|couldnt find] <the> {document}

        <because> {name} [did not|failed to|neglected to] [inform|notify] me in time
        <because> {name} [never told me|didnt tell me|forgot to text me]

        <because> there was [considerable|exceptionally heavy] traffic near {city}
        <because> traffic was [nuts|insane|a mess] over by {city}

        <because> I was [detained|delayed] in {city} until {date}
        <because> i got [stuck|stranded|held up] in {city} til {date}
    """,
}
