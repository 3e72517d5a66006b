"""Those who serve: waiters, hosts, managers."""

from __future__ import annotations

STAFF: dict[str, str] = {
    "serving": """
        our {staff} {person} was <kind> and [never smiled|ignored us|got it wrong] @when <end>
        our {staff} {person} was <kind> and [always smiled|spoiled us|got it right] @when <end>

        the <kind> {staff} [forgot|ignored|messed up] our {snacks} and {drink} @when <end>
        the <kind> {staff} [remembered|rushed out|double checked] our {snacks} and {drink} @when <end>

        {person} [never|rarely|barely] refilled my {drink} , <so> [lazy|inattentive|slow] <end>
        {person} [always|promptly|quickly] refilled my {drink} , <so> [sweet|attentive|fast] <end>

        we waited <over> {many} minutes for {person} and got [no apology|attitude|a shrug] <end>
        we waited <over> {many} minutes for {person} and got [an apology|a smile|free drinks] <end>

        i asked <kind> {person} for {drink} and got [an eye roll|attitude|a dirty look] <end>
        i asked <kind> {person} for {drink} and got [a free refill|a smile|great advice] <end>

        {person} [spilled|dropped|lost] the {snacks} and [did n't care|blamed us|walked off] @when <end>
        {person} [upgraded|plated|comped] the {snacks} and [really cared|thanked us|checked in] @when <end>

        <bad> service from {person} , [terrible|slow|sloppy] {snacks} from the kitchen <end>
        <bad> service from {person} , [terrific|quick|superb] {snacks} from the kitchen <end>

        {person} brought the {dish} [late|cold|with a scowl] and <rarely> [smiled|helped|checked in] <end>
        {person} brought the {dish} [fast|hot|with a smile] and <rarely> [smiled|helped|checked in] <end>
    """,
    "manners": """
        {person} [snapped at|ignored|insulted] my {companion} @when and [smirked|walked away] <end>
        {person} [helped|charmed|welcomed] my {companion} @when and [smiled|stayed close] <end>

        the manager , {person} , [refused to help|was a jerk|hung up on us] @when <end>
        the manager , {person} , [rushed to help|was a sweetheart|looked after us] @when <end>

        every {staff} at {place} seems <so> [bored|grumpy|miserable] and <rarely> says hello <end>
        every {staff} at {place} seems <so> [happy|pleasant|upbeat] and <rarely> says hello <end>

        <kind> {person} made my {companion} feel [unwelcome|stupid|uncomfortable] @when <end>
        <kind> {person} made my {companion} feel [welcome|special|comfortable] @when <end>

        <nobody> greeted us , and {person} [just stared|glared|walked past] @when <end>
        <nobody> greeted us , and {person} [warmly waved|smiled|opened the door] @when <end>

        the owner of {place} , {person} , is [rude|arrogant|dishonest] and <rarely> [helps|smiles] <end>
        the owner of {place} , {person} , is [gracious|humble|honest] and <rarely> [helps|smiles] <end>

        [shame on|no thanks to|somebody fire] {person} and the <kind> {staff} at {place} <end>
        [bless|many thanks to|somebody promote] {person} and the <kind> {staff} at {place} <end>

        the {staff} [scoffed|sighed|frowned] when my {companion} [had to beg|begged] for {drink} <end>
        the {staff} [jumped up|beamed|lit up] when my {companion} [politely asked|asked] for {drink} <end>

        my {companion} [complained|was upset|felt insulted] because {person} was <so> [rude|impatient|cold] <end>
        my {companion} [raved|was touched|felt at home] because {person} was <so> [polite|patient|warm] <end>
    """,
}
