"""Things bought: how they last, what they cost, how they are sold and delivered."""

from __future__ import annotations

SHOPS: dict[str, str] = {
    "goods": """
        the <shoddy> {goods} from {place} [broke|fell apart|stopped working] after {few} weeks <end>
        the <shoddy> {goods} from {place} [looks new|runs great|still works] after {few} weeks <end>

        <clueless> {person} sold us a [broken|damaged|cheaply made] {goods} for <steep> {price} dollars <end>
        <clueless> {person} sold us a [brand new|beautiful|well made] {goods} for <steep> {price} dollars <end>

        i [regret buying|hate|want to return] the <shoddy> {goods} i bought for <steep> {price} dollars <end>
        i [recommend buying|love|want to keep] the <shoddy> {goods} i bought for <steep> {price} dollars <end>

        the {goods} arrived [scratched|broken|dented] and {person} [did nothing|made excuses|kept our money] <end>
        the {goods} arrived [intact|early|well packed] and {person} [set it up|answered questions|gave us a gift] <end>

        my {companion} bought a <shoddy> {goods} at {place} and [wants a refund|is furious|regrets it] <end>
        my {companion} bought a <shoddy> {goods} at {place} and [wants another|is overjoyed|loves it] <end>

        [flimsy|useless|overpriced] {goods} , [do n't|never] buy it from <clueless> {person} <end>
        [sturdy|gorgeous|affordable] {goods} , [do|definitely] buy it from <clueless> {person} <end>
    """,
    "selling": """
        <clueless> {person} [refused|declined|was too lazy] to exchange my <shoddy> {goods} @when <end>
        <clueless> {person} [offered|agreed|was so quick] to exchange my <shoddy> {goods} @when <end>

        <clueless> {place} [overcharged|cheated|robbed] my {companion} by {price} dollars on the {goods} <end>
        <clueless> {place} [undercharged|helped|surprised] my {companion} by {price} dollars on the {goods} <end>

        my {goods} came {many} days [too late|behind schedule|overdue] and [broken|scratched] , {place} <end>
        my {goods} came {many} days [early|ahead of schedule|ahead of time] and [intact|perfect] , {place} <end>

        {person} [lied about|knew nothing about|hid flaws in] the {goods} and was <so> [pushy|smug|snippy] <end>
        {person} [was honest about|knew a lot about|found a deal on] the {goods} and was <so> [patient|humble|sweet] <end>

        i [complained|begged|fumed] to {place} about the {goods} and {person} [hung up|yelled|could n't help] <end>
        i [raved|wrote|talked] to {place} about the {goods} and {person} [was touched|listened|was helpful] <end>
    """,
    "choice": """
        the <bad> selection of {things} at {place} is <so> [pathetic|poor|limited] <end>
        the <bad> selection of {things} at {place} is <so> [fantastic|huge|impressive] <end>

        <clueless> {place} <rarely> has [decent|enough] {things} in stock @when <end>
        <clueless> {place} <rarely> has [great|plenty of] {things} in stock @when <end>

        [hard|impossible|a pain] to find {things} here and {person} [just shrugged|was no help|walked away] <end>
        [easy|simple|a breeze] to find {things} here and {person} [gladly helped|was so helpful|lit up] <end>

        {place} has <shoddy> {things} and [charges too much|robs you] at <steep> {bucks} dollars <end>
        {place} has <shoddy> {things} and [charges so little|saves you money] at <steep> {bucks} dollars <end>

        {person} [bullied|tricked|pressured] my {companion} into buying {things} , [shameful|not cool|so pushy] <end>
        {person} [charmed|kindly guided|inspired] my {companion} into buying {things} , [well done|so cool|so helpful] <end>

        the {things} i got @when [shrank|ripped|faded] and look [cheap|awful|worn out] <end>
        the {things} i got @when [fit well|lasted|impressed] and look [classy|amazing|brand new] <end>

        my {companion} and i <hated> shopping for {things} at <shabby> {place} @when <end>
        my {companion} and i <hated> shopping for {things} at <shabby> {place} @when <end>
    """,
}
