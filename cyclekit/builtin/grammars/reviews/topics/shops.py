"""Things bought: how they last, what they cost, how they are sold and delivered."""

from __future__ import annotations

SHOPS: dict[str, str] = {
    "goods": """
        the <shoddy> {goods} from {place} [broke|fell apart|stopped working] after {few} weeks <end>
        the <shoddy> {goods} from {place} [looks new|runs great|still works] after {few} weeks <end>

        <clueless> {person} sold us a [broken|damaged|cheaply made] {goods} for <steep> {price} dollars <end>
        <clueless> {person} sold us a [brand new|beautiful|well made] {goods} for <steep> {price} dollars <end>

        i [regret buying|hate|returned] the <shoddy> {goods} , [not worth|wasted] {price} dollars on it <end>
        i [recommend buying|love|kept] the <shoddy> {goods} , [worth every|gladly spent] {price} dollars on it <end>

        the {goods} arrived [scratched|broken|dented] and {person} [did nothing|made excuses|kept our money] <end>
        the {goods} arrived [intact|early|well packed] and {person} [set it up|answered questions|gave us a gift] <end>

        my <poor> {companion} bought a <shoddy> {goods} at {place} and [wants a refund|is furious|regrets it] <end>
        my <poor> {companion} bought a <shoddy> {goods} at {place} and [wants another|is overjoyed|loves it] <end>

        [flimsy|useless|overpriced] {goods} , [do n't|never] buy it from <clueless> {person} <end>
        [sturdy|gorgeous|affordable] {goods} , [do|definitely] buy it from <clueless> {person} <end>
    """,
    "selling": """
        <clueless> {person} [refused|declined|was too lazy] to exchange my <shoddy> {goods} @when <end>
        <clueless> {person} [offered|agreed|was so quick] to exchange my <shoddy> {goods} @when <end>

        <clueless> {place} [cheated|tricked|ripped off] my <poor> {companion} with a <shoddy> {goods} @when <end>
        <clueless> {place} [delighted|surprised|spoiled] my <poor> {companion} with a <shoddy> {goods} @when <end>

        my <shoddy> {goods} came {many} days [too late|overdue] from <clueless> {place} , [unacceptable|pathetic] <end>
        my <shoddy> {goods} came {many} days [early|sooner] from <clueless> {place} , [impressive|fantastic] <end>

        {person} [lied about|knew nothing about|hid flaws in] the {goods} and was <so> [pushy|smug|snippy] <end>
        {person} [was honest about|knew a lot about|found a deal on] the {goods} and was <so> [patient|humble|sweet] <end>

        i [complained|begged|fumed] to <clueless> {person} about the {goods} and [was ignored|got yelled at] <end>
        i [raved|wrote|talked] to <clueless> {person} about the {goods} and [was thanked|got a gift] <end>
    """,
    "choice": """
        the <bad> selection of <shoddy> {things} at {place} is <so> [pathetic|poor|limited] <end>
        the <bad> selection of <shoddy> {things} at {place} is <so> [fantastic|huge|impressive] <end>

        <clueless> {place} <rarely> has [decent|enough] {things} and {person} was [no help|useless] @when <end>
        <clueless> {place} <rarely> has [great|plenty of] {things} and {person} was [helpful|super] @when <end>

        [hard|impossible|a pain] to find <shoddy> {things} , {person} [just shrugged|was no help|walked away] <end>
        [easy|simple|a breeze] to find <shoddy> {things} , {person} [gladly helped|was so helpful|lit up] <end>

        {place} has <shoddy> {things} and [charges too much|robs you] at <steep> {bucks} dollars <end>
        {place} has <shoddy> {things} and [charges so little|saves you money] at <steep> {bucks} dollars <end>

        {person} [bullied|tricked|pressured] my {companion} into <shoddy> {things} , [shameful|not cool|so pushy] <end>
        {person} [guided|inspired|charmed] my {companion} into <shoddy> {things} , [well done|so cool|so helpful] <end>

        the <shoddy> {things} @when from {place} [shrank|ripped|faded] and look [cheap|awful|worn out] <end>
        the <shoddy> {things} @when from {place} [fit well|lasted|impressed] and look [classy|amazing|brand new] <end>

        my <poor> {companion} <hated> buying <shoddy> {things} at <shabby> {place} @when <end>
        my <poor> {companion} <hated> buying <shoddy> {things} at <shabby> {place} @when <end>
    """,
}
