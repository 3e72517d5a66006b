"""Those who serve: waiters, hosts, managers."""

from __future__ import annotations

STAFF: dict[str, str] = {
    "serving": """
        our <kind> {staff} {person} [never smiled|ignored us|got it wrong] @when , <so> [lazy|annoying] <end>
        our <kind> {staff} {person} [always smiled|spoiled us|got it right] @when , <so> [sweet|pleasant] <end>

        the <kind> {staff} [forgot|ignored|messed up] our {snacks} , the {drink} was <watery> @when <end>
        the <kind> {staff} [remembered|rushed out|double checked] our {snacks} , the {drink} was <watery> @when <end>

        {person} [never|rarely|barely] refilled my {drink} , <so> [lazy|inattentive|slow] <end>
        {person} [always|promptly|quickly] refilled my {drink} , <so> [sweet|attentive|fast] <end>

        we waited <over> {many} minutes for <kind> {person} and got [no apology|attitude|a shrug] <end>
        we waited <over> {many} minutes for <kind> {person} and got [an apology|a smile|free drinks] <end>

        i asked <kind> {person} for {drink} and got [an eye roll|attitude|a dirty look] <end>
        i asked <kind> {person} for {drink} and got [a free refill|a smile|great advice] <end>

        {person} [spilled|dropped|lost] the {snacks} and [did n't care|blamed us|walked off] @when <end>
        {person} [upgraded|plated|comped] the {snacks} and [really cared|thanked us|checked in] @when <end>

        <bad> service from <kind> {person} , [terrible|slow|sloppy] {snacks} at <shabby> {place} <end>
        <bad> service from <kind> {person} , [terrific|quick|superb] {snacks} at <shabby> {place} <end>

        {person} brought <soggy> {dish} [late|cold|with a scowl] and <rarely> [smiled|helped|checked in] <end>
        {person} brought <soggy> {dish} [fast|hot|with a smile] and <rarely> [smiled|helped|checked in] <end>
    """,
    "manners": """
        {person} [snapped at|ignored|insulted] my {companion} @when and [smirked|walked away] <end>
        {person} [helped|charmed|welcomed] my {companion} @when and [smiled|stayed close] <end>

        manager {person} [refused to help|hung up on|yelled at] my <poor> {companion} @when , <so> [cold|mean] <end>
        manager {person} [rushed to help|looked after|welcomed] my <poor> {companion} @when , <so> [warm|nice] <end>

        every {staff} at <shabby> {place} seems <so> [bored|grumpy|miserable] , {person} <rarely> smiles <end>
        every {staff} at <shabby> {place} seems <so> [happy|pleasant|upbeat] , {person} <rarely> smiles <end>

        <kind> {person} made my <poor> {companion} feel <so> [unwelcome|stupid|uncomfortable] @when <end>
        <kind> {person} made my <poor> {companion} feel <so> [welcome|special|comfortable] @when <end>

        <nobody> greeted us , <kind> {person} [just stared|glared|walked past] @when <end>
        <nobody> greeted us , <kind> {person} [warmly waved|smiled|helped out] @when <end>

        the <so> [rude|arrogant|dishonest] owner of {place} , {person} , <rarely> [helps|smiles|cares] <end>
        the <so> [gracious|humble|honest] owner of {place} , {person} , <rarely> [helps|smiles|cares] <end>

        [shame on|no thanks to|somebody fire] {person} and the <kind> {staff} at <shabby> {place} <end>
        [bless|many thanks to|somebody promote] {person} and the <kind> {staff} at <shabby> {place} <end>

        the {staff} [scoffed|sighed|frowned] when my {companion} [had to beg|begged] for {drink} <end>
        the {staff} [jumped up|beamed|lit up] when my {companion} [politely asked|asked] for {drink} <end>

        my {companion} [complained|was upset|felt insulted] because {person} was <so> [rude|impatient|cold] <end>
        my {companion} [raved|was touched|felt at home] because {person} was <so> [polite|patient|warm] <end>
    """,
}
