"""At the table: dishes, snacks, desserts, drinks, portions."""

from __future__ import annotations

FOOD: dict[str, str] = {
    "dishes": """
        the {dish} was <taste> and the {drink} [tasted awful|was watery|went flat] <end>
        the {dish} was <taste> and the {drink} [tasted amazing|was refreshing|went down well] <end>

        {person} [barely touched|hated|sent back] the <soggy> {dish} and [left hungry|got sick|was upset] <end>
        {person} [devoured|loved|cleaned up] the <soggy> {dish} and [left happy|got more|was impressed] <end>

        <worst> {dish} in all of {city} , @verdict <end>
        <worst> {dish} in all of {city} , @verdict <end>

        i would [never|not] order the <soggy> {dish} at <shabby> {place} again <end>
        i would [definitely|happily] order the <soggy> {dish} at <shabby> {place} again <end>

        the {dish} took <over> {many} minutes and [still came out raw|was not worth it|arrived cold] <end>
        the {dish} took <over> {many} minutes and [still came out hot|was so worth it|arrived perfect] <end>

        {place} : [bland|overcooked|soggy] {dish} , [rude|sloppy|slow] {staff} <end>
        {place} : [tasty|juicy|perfect] {dish} , [sweet|charming|fast] {staff} <end>

        at {place} the {dish} smelled [rotten|burnt|strange] and looked [sad|gray|gross] <end>
        at {place} the {dish} smelled [divine|wonderful|heavenly] and looked [beautiful|colorful|inviting] <end>

        [too much salt|too much grease|no flavor] in the {dish} , said my <poor> {companion} <end>
        [just enough salt|the right spices|so much flavor] in the {dish} , said my <poor> {companion} <end>

        they [botched|burned|forgot] the {dish} that {person} ordered , <so> [careless|annoying] <end>
        they [nailed|perfected|rushed out] the {dish} that {person} ordered , <so> [thoughtful|satisfying] <end>

        [nasty|gross|awful] {dish} from {place} , my {companion} [hated|tossed|disliked] it <end>
        [yummy|great|awesome] {dish} from {place} , my {companion} [loved|devoured|liked] it <end>

        for <steep> {bucks} dollars the {dish} was [dry|tiny|a joke] and <worth> it <end>
        for <steep> {bucks} dollars the {dish} was [tender|huge|a dream] and <worth> it <end>
    """,
    "snacks": """
        my <poor> {companion} had the {snacks} , which were [undercooked|soggy|burnt|cold] @when <end>
        my <poor> {companion} had the {snacks} , which were [juicy|crispy|seasoned well|hot] @when <end>

        [tiny|pathetic|laughable] portion of {snacks} for <steep> {bucks} dollars <end>
        [huge|generous|enormous] portion of {snacks} for <steep> {bucks} dollars <end>

        {few} <soggy> {snacks} for <steep> {bucks} dollars , what a [rip off|scam|joke] <end>
        {few} <soggy> {snacks} for <steep> {bucks} dollars , what a [deal|bargain|steal] <end>

        the {snacks} were [drowning in oil|hard|inedible] and {person} [got sick|complained|was unhappy] <end>
        the {snacks} were [bursting with flavor|crunchy|addictive] and {person} [got more|cheered|was in heaven] <end>

        if you want [stale|frozen|greasy] {snacks} and <kind> service , {place} is it <end>
        if you want [fresh|homemade|crispy] {snacks} and <kind> service , {place} is it <end>

        the {meal} buffet [ran out of|had no decent|skimped on] {snacks} , so we [left|complained] @when <end>
        the {meal} buffet [had plenty of|had the best|was full of] {snacks} , so we [stayed|feasted] @when <end>

        the {snacks} here are <rarely> [good|fresh|hot] , {person} [complains|grumbles] too <end>
        the {snacks} here are <rarely> [good|fresh|hot] , {person} [raves|approves] too <end>

        i paid <steep> {bucks} dollars for {snacks} and [threw them away|left hungry|felt robbed] <end>
        i paid <steep> {bucks} dollars for {snacks} and [savored them all|left full|got a feast] <end>
    """,
    "desserts": """
        we shared the {dessert} @company and it was [stale|gross|too sweet] <end>
        we shared the {dessert} @company and it was [moist|heavenly|so fluffy] <end>

        {person} makes the [worst|driest|blandest] {dessert} in {city} , [yuck|such a letdown] <end>
        {person} makes the [best|softest|richest] {dessert} in {city} , [yum|such a treat] <end>

        the {dessert} was <soggy> and my {drink} was [bitter|sour|burnt] @when <end>
        the {dessert} was <soggy> and my {drink} was [smooth|perfect|sweet] @when <end>

        the {dessert} at <shabby> {place} [is awful|came frozen|tastes old] , @verdict <end>
        the {dessert} at <shabby> {place} [is amazing|comes homemade|tastes divine] , @verdict <end>

        my {companion} [hates|detests|ca n't stomach] the <soggy> {dessert} from {place} <end>
        my {companion} [loves|craves|ca n't resist] the <soggy> {dessert} from {place} <end>
    """,
    "drinks": """
        i [ca n't stand|despise|hate] the <watery> {drink} at {place} , [yuck|gross|never again] <end>
        i [ca n't resist|adore|love] the <watery> {drink} at {place} , [yum|wow|so good] <end>

        <nobody> should drink the {drink} at {place} , it is [vile|stale|awful] <end>
        <nobody> should drink the {drink} at {place} , it is [divine|fresh|unbeatable] <end>

        {few} <watery> {drink}s at <shabby> {place} and we felt [ill|cheated|miserable] <end>
        {few} <watery> {drink}s at <shabby> {place} and we felt [great|pampered|merry] <end>

        the {drink} is [overpriced|weak|nasty] and {person} serves it [late|slowly|carelessly] <end>
        the {drink} is [cheap|strong|yummy] and {person} serves it [fast|quickly|with a smile] <end>

        <steep> {bucks} dollars for <watery> {drink} and <soggy> {snacks} <end>
        <steep> {bucks} dollars for <watery> {drink} and <soggy> {snacks} <end>
    """,
}
