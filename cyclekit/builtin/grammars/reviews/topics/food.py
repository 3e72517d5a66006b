"""At the table: dishes, snacks, desserts, drinks, portions."""

from __future__ import annotations

FOOD: dict[str, str] = {
    "dishes": """
        the {dish} was <taste> and the {drink} [tasted awful|was watery|went flat] <end>
        the {dish} was <taste> and the {drink} [tasted amazing|was refreshing|went down well] <end>

        {person} [barely touched|hated|sent back] the <soggy> {dish} and [left hungry|got sick|was upset] <end>
        {person} [devoured|loved|cleaned up] the <soggy> {dish} and [left happy|got more|was thrilled] <end>

        <worst> {dish} in {city} , my <poor> {companion} <hated> it <end>
        <worst> {dish} in {city} , my <poor> {companion} <hated> it <end>

        i would [never|not] order the <soggy> {dish} at <shabby> {place} again <end>
        i would [definitely|happily] order the <soggy> {dish} at <shabby> {place} again <end>

        the {dish} took <over> {many} minutes and [still came out raw|was not worth it|arrived cold] <end>
        the {dish} took <over> {many} minutes and [still came out hot|was so worth it|arrived perfect] <end>

        {place} : [bland|overcooked|soggy] {dish} , [rude|sloppy|slow] {staff} <end>
        {place} : [tasty|juicy|perfect] {dish} , [sweet|charming|fast] {staff} <end>

        at <shabby> {place} the {dish} smelled [rotten|burnt|strange] and looked [sad|gray|gross] <end>
        at <shabby> {place} the {dish} smelled [divine|wonderful|heavenly] and looked [great|colorful|inviting] <end>

        [too much salt|too much grease|no flavor] in the <soggy> {dish} , said <upset> {person} <end>
        [just enough salt|the right spices|so much flavor] in the <soggy> {dish} , said <upset> {person} <end>

        {person} [botched|burned|forgot] the {dish} , <so> [careless|annoying] , and [never apologized|just shrugged] <end>
        {person} [nailed|perfected|rushed out] the {dish} , <so> [thoughtful|satisfying] , and [gladly helped|even smiled] <end>

        [nasty|gross|awful] {dish} from <shabby> {place} , my <poor> {companion} [tossed|disliked] it <end>
        [yummy|great|awesome] {dish} from <shabby> {place} , my <poor> {companion} [devoured|liked] it <end>

        <steep> {bucks} dollars for {dish} that was [dry|tiny|cold] and <worth> it <end>
        <steep> {bucks} dollars for {dish} that was [tender|huge|fresh] and <worth> it <end>
    """,
    "snacks": """
        my <poor> {companion} had <soggy> {snacks} that [made us sick|went to waste|tasted burnt] @when <end>
        my <poor> {companion} had <soggy> {snacks} that [made us happy|went fast|tasted perfect] @when <end>

        [tiny|pathetic|laughable] portion of <soggy> {snacks} for <steep> {bucks} dollars , {person} was <upset> <end>
        [huge|generous|enormous] portion of <soggy> {snacks} for <steep> {bucks} dollars , {person} was <upset> <end>

        {few} <soggy> {snacks} for <steep> {bucks} dollars , what a [rip off|scam|joke] <end>
        {few} <soggy> {snacks} for <steep> {bucks} dollars , what a [deal|bargain|steal] <end>

        the {snacks} were [drowning in oil|hard|inedible] and {person} [got sick|complained|was unhappy] <end>
        the {snacks} were [bursting with flavor|crunchy|addictive] and {person} [got more|cheered|was in heaven] <end>

        [stale|frozen|greasy] {snacks} and <kind> service from {person} , <avoid> {place} <end>
        [fresh|homemade|crispy] {snacks} and <kind> service from {person} , <avoid> {place} <end>

        the {meal} buffet [ran out of|skimped on|lacked] {snacks} , so we [left|complained] @when <end>
        the {meal} buffet [had plenty of|was full of|perfected] {snacks} , so we [stayed|feasted] @when <end>

        the {snacks} at {place} are <rarely> [fresh|good|hot] and {person} [never cares|complains] <end>
        the {snacks} at {place} are <rarely> [fresh|good|hot] and {person} [really cares|raves] <end>

        i paid <steep> {bucks} dollars for <soggy> {snacks} and [threw them away|left hungry|felt robbed] <end>
        i paid <steep> {bucks} dollars for <soggy> {snacks} and [savored them all|left full|felt great] <end>
    """,
    "desserts": """
        we shared <soggy> {dessert} @company and [hated every bite|regretted it|felt sick] <end>
        we shared <soggy> {dessert} @company and [loved every bite|savored it|felt great] <end>

        {person} makes [awful|dry|bland] {dessert} , the <worst> in {city} <end>
        {person} makes [lovely|soft|rich] {dessert} , the <worst> in {city} <end>

        my {dessert} was <soggy> and the <watery> {drink} was [late|spilled|overpriced] @when <end>
        my {dessert} was <soggy> and the <watery> {drink} was [fast|great|a bargain] @when <end>

        the {dessert} at <shabby> {place} [is awful|is frozen|tastes old] , {person} was <upset> <end>
        the {dessert} at <shabby> {place} [is amazing|is homemade|tastes divine] , {person} was <upset> <end>

        my {companion} [hates|detests|ca n't stomach] the <soggy> {dessert} from {place} <end>
        my {companion} [loves|craves|ca n't resist] the <soggy> {dessert} from {place} <end>
    """,
    "drinks": """
        i [ca n't stand|despise|hate] the <watery> {drink} at {place} , [yuck|gross|never again] <end>
        i [ca n't resist|adore|love] the <watery> {drink} at {place} , [yum|wow|so good] <end>

        <nobody> [wants|finishes|likes] the <watery> {drink} at <shabby> {place} , [gross|yuck] <end>
        <nobody> [wants|finishes|likes] the <watery> {drink} at <shabby> {place} , [wow|yum] <end>

        {few} <watery> {drink}s at <shabby> {place} and we felt [ill|cheated|miserable] <end>
        {few} <watery> {drink}s at <shabby> {place} and we felt [great|pampered|merry] <end>

        the {drink} is [overpriced|weak|nasty] and <kind> {person} [spills|ruins|waters down] it <end>
        the {drink} is [cheap|strong|yummy] and <kind> {person} [perfects|masters|pours us] it <end>

        <steep> {bucks} dollars for <watery> {drink} and <soggy> {snacks} <end>
        <steep> {bucks} dollars for <watery> {drink} and <soggy> {snacks} <end>
    """,
}
