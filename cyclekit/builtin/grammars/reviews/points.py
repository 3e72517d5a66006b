"""Style points that many frames share, and clauses: when, with whom, and what one thinks of it afterwards."""

from __future__ import annotations

POINTS: dict[str, tuple[str, str]] = {
    # By name: negative alternatives, positive alternatives. Any of them says the same of the same thing.
    "end": (". | . | !", ". | . | !"),
    # Of things, before or behind their names.
    "taste": ("bland | cold | greasy | disgusting | tasteless", "delicious | fresh | perfect | fantastic | flavorful"),
    "soggy": ("soggy | stale | sad | dry", "tasty | superb | divine | fresh"),
    "watery": ("watery | sour | undrinkable", "smooth | crisp | refreshing"),
    "shoddy": ("shoddy | flimsy | ugly | defective", "sturdy | solid | gorgeous | flawless"),
    "dirty": ("dirty | filthy | sticky | smelly", "clean | spotless | tidy | gleaming"),
    "shabby": ("overrated | shabby | dull | gloomy", "wonderful | charming | stylish | lively"),
    "bad": ("terrible | horrible | lousy | poor", "great | fantastic | wonderful | lovely"),
    "worst": ("worst | saddest | most disappointing", "best | finest | most impressive"),
    # Of people.
    "kind": ("rude | slow | unfriendly | careless | grumpy", "kind | quick | friendly | attentive | cheerful"),
    "clueless": ("clueless | lazy | dishonest", "skilled | caring | honest"),
    "poor": ("poor | unhappy | grumbling", "lucky | happy | smiling"),
    "upset": ("disappointed | annoyed | angry | frustrated", "delighted | impressed | thrilled | overjoyed"),
    "nobody": ("nobody | no one", "everybody | everyone"),
    # Of numbers.
    "steep": ("a steep | a whopping | an insane", "a mere | only | a fair"),
    "over": ("over | a whole | more than", "just | only | under"),
    # Of how, how much, how often.
    "so": ("so | beyond | painfully", "super | incredibly | wonderfully"),
    "never": ("never | not", "definitely | surely"),
    "rarely": ("never | rarely | hardly ever", "always | usually | almost always"),
    "badly": ("badly | carelessly | poorly", "beautifully | carefully | perfectly"),
    "sadly": ("sadly , | unfortunately , | to our dismay ,", "luckily , | happily , | to our delight ,"),
    "worth": ("not worth | hardly worth | nowhere near worth", "well worth | totally worth | more than worth"),
    # What one does.
    "hated": ("hated | regretted | disliked", "loved | enjoyed | adored"),
    "ruined": ("ruined | spoiled | wrecked", "made | saved | perfected"),
    "avoid": ("avoid | skip | stay away from", "try | visit | check out"),
}

CLAUSES: dict[str, str] = {
    "when": """
        on {day}
        on {day}

        last {day}
        last {day}

        in {month}
        in {month}

        {few} weeks ago
        {few} weeks ago

        today
        today
    """,
    "company": """
        with my <poor> {companion}
        with my <poor> {companion}

        with <upset> {person}
        with <upset> {person}

        with {few} <upset> friends
        with {few} <upset> friends

        with {few} <poor> coworkers
        with {few} <poor> coworkers
    """,
    "verdict": """
        <never> coming back
        <never> coming back

        would [not|never] recommend
        would [highly|gladly] recommend

        [zero|no|barely two] stars
        [five|all five|a full five] stars

        [such a waste|a waste] of my money
        [a great use|worth all] of my money

        my {companion} <hated> it
        my {companion} <hated> it

        we left [hungry|angry|upset]
        we left [full|smiling|content]

        {person} was <upset>
        {person} was <upset>
    """,
}
