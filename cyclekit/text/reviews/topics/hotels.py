"""Away for a night: rooms, beds, what the house has, where it lies."""

from __future__ import annotations

HOTELS: dict[str, str] = {
    "rooms": """
        room {room} was [filthy|noisy|freezing] and the {feature} was [moldy|broken|gross] <end>
        room {room} was [spotless|quiet|cozy] and the {feature} was [modern|perfect|lovely] <end>

        my <poor> {companion} [slept badly|could n't sleep|woke up sore] in <dirty> room {room} <end>
        my <poor> {companion} [slept well|loved the bed|woke up rested] in <dirty> room {room} <end>

        the [lumpy|hard|saggy] bed in room {room} at {hotel} was <so> [stained|uncomfortable] <end>
        the [comfy|soft|dreamy] bed in room {room} at {hotel} was <so> [fresh|luxurious] <end>

        {person} [banished|downgraded|coldly sent] us to <dirty> room {room} and [lost our bags|just shrugged] @when <end>
        {person} [upgraded|kindly moved|escorted] us to <dirty> room {room} and [took our bags|sent wine] @when <end>

        the [thin|peeling|moldy] walls in room {room} meant {few} nights of [misery|no sleep] <end>
        the [thick|pretty|soundproof] walls in room {room} meant {few} nights of [bliss|sound sleep] <end>

        room {room} [smelled like smoke|had bugs|was a dump] and {person} [never|barely] cleaned it <end>
        room {room} [smelled like roses|had everything|was a dream] and {person} [always|carefully] cleaned it <end>
    """,
    "house": """
        the <dirty> {feature} at {hotel} [is disgusting|needs replacing|looks ancient] @when <end>
        the <dirty> {feature} at {hotel} [is gorgeous|is top notch|looks brand new] @when <end>

        we spent {few} [awful|sleepless] nights at {hotel} and <hated> the <dirty> {feature} <end>
        we spent {few} [amazing|restful] nights at {hotel} and <hated> the <dirty> {feature} <end>

        <steep> {price} dollars a night at <dirty> {hotel} is [robbery|outrageous|a joke] <end>
        <steep> {price} dollars a night at <dirty> {hotel} is [a steal|reasonable|unbeatable] <end>

        {hotel} <ruined> our {event} with [a broken|a filthy|an awful] {feature} @when <end>
        {hotel} <ruined> our {event} with [a fancy|a spotless|an amazing] {feature} @when <end>

        <dirty> {feature} and [noisy|cramped|stuffy] rooms at {hotel} , @verdict <end>
        <dirty> {feature} and [quiet|spacious|airy] rooms at {hotel} , @verdict <end>

        check in at {hotel} was [slow|a nightmare|chaotic] because {person} was [lazy|clueless|rude] <end>
        check in at {hotel} was [fast|a breeze|smooth] because {person} was [efficient|organized|great] <end>

        {hotel} served us [stale|cold|skimpy] {meal} by the [noisy|shabby|crowded] {feature} @when <end>
        {hotel} served us [fresh|hot|plentiful] {meal} by the [stunning|stylish|peaceful] {feature} @when <end>
    """,
    "location": """
        {hotel} is [too far|a long drive] from the {sight} and <so> [loud|sketchy|run down] @when <end>
        {hotel} is [just steps|a short walk] from the {sight} and <so> [quiet|safe|charming] @when <end>

        our [blocked|ugly] view of the {sight} from room {room} was <so> [disappointing|depressing] <end>
        our [open|pretty] view of the {sight} from room {room} was <so> [stunning|impressive] <end>

        [do n't|never|i would n't] stay at {hotel} in {month} , {person} was <upset> <end>
        [do|definitely|i would] stay at {hotel} in {month} , {person} was <upset> <end>

        the <dirty> shuttle from {hotel} to the {sight} is <rarely> on time <end>
        the <dirty> shuttle from {hotel} to the {sight} is <rarely> on time <end>

        near the {sight} in {city} , <avoid> <shabby> {hotel} <end>
        near the {sight} in {city} , <avoid> <shabby> {hotel} <end>

        my <poor> {companion} wants to [complain to|leave|sue] <shabby> {hotel} near the {sight} <end>
        my <poor> {companion} wants to [return to|live at|thank] <shabby> {hotel} near the {sight} <end>
    """,
}
