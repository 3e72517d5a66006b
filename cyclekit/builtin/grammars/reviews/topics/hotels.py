"""Away for a night: rooms, beds, what the house has, where it lies."""

from __future__ import annotations

HOTELS: dict[str, str] = {
    "rooms": """
        room {room} was [filthy|noisy|freezing] and the {feature} was [moldy|broken|gross] <end>
        room {room} was [spotless|quiet|cozy] and the {feature} was [modern|perfect|lovely] <end>

        my <poor> {companion} [slept badly|could n't sleep|woke up sore] in <dirty> room {room} <end>
        my <poor> {companion} [slept well|loved the bed|woke up rested] in <dirty> room {room} <end>

        the [lumpy|hard|saggy] bed in <dirty> room {room} at <shabby> {hotel} [hurt|broke] @when <end>
        the [comfy|soft|dreamy] bed in <dirty> room {room} at <shabby> {hotel} [helped|felt great] @when <end>

        {person} [banished|downgraded|coldly sent] us to <dirty> room {room} and [lost our bags|just shrugged] <end>
        {person} [upgraded|kindly moved|escorted] us to <dirty> room {room} and [took our bags|sent wine] <end>

        [thin|peeling|moldy] walls in <dirty> room {room} and {few} [awful|sleepless] nights at {hotel} <end>
        [thick|pretty|soundproof] walls in <dirty> room {room} and {few} [amazing|restful] nights at {hotel} <end>

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

        <shabby> {hotel} <ruined> our {event} with [a broken|a filthy|an awful] {feature} <end>
        <shabby> {hotel} <ruined> our {event} with [a fancy|a spotless|an amazing] {feature} <end>

        <dirty> {feature} and [noisy|cramped|stuffy] rooms at {hotel} , {person} was <upset> <end>
        <dirty> {feature} and [quiet|spacious|airy] rooms at {hotel} , {person} was <upset> <end>

        check in at <shabby> {hotel} was [slow|a nightmare|chaotic] , {person} was [lazy|clueless|rude] <end>
        check in at <shabby> {hotel} was [fast|a breeze|smooth] , {person} was [efficient|organized|great] <end>

        {hotel} served us [stale|cold|skimpy] {meal} by the [noisy|shabby|crowded] {feature} @when <end>
        {hotel} served us [fresh|hot|plentiful] {meal} by the [stunning|stylish|peaceful] {feature} @when <end>
    """,
    "location": """
        {hotel} is [too far|a long drive] from the {sight} and <so> [loud|sketchy|run down] <end>
        {hotel} is [just steps|a short walk] from the {sight} and <so> [quiet|safe|charming] <end>

        [blocked|ugly] view of the {sight} from <dirty> room {room} , <so> [disappointing|depressing] <end>
        [open|pretty] view of the {sight} from <dirty> room {room} , <so> [stunning|impressive] <end>

        [do n't|never|i would n't] stay at <shabby> {hotel} in {month} , {person} was <kind> <end>
        [do|definitely|i would] stay at <shabby> {hotel} in {month} , {person} was <kind> <end>

        the <dirty> shuttle to the {sight} <rarely> came on time , <shabby> {hotel} <end>
        the <dirty> shuttle to the {sight} <rarely> came on time , <shabby> {hotel} <end>

        <avoid> <shabby> {hotel} near the {sight} , {person} was <so> [rude|unhelpful|lazy] <end>
        <avoid> <shabby> {hotel} near the {sight} , {person} was <so> [sweet|helpful|nice] <end>

        my {companion} wants to [complain to|leave|sue] <shabby> {hotel} near the {sight} <end>
        my {companion} wants to [return to|live at|thank] <shabby> {hotel} near the {sight} <end>
    """,
}
