"""Goods and money: complaints, buying and selling."""

from __future__ import annotations

TRADE: dict[str, str] = {
    "complaint": """
        (@company) the {goods} [that|which] I [purchased|ordered|acquired] on {day} arrived {flaw} <end>
        (@company) <the> {goods} i [got|grabbed|bought] {day} showed up {flaw} <end>

        (@company) I am [dissatisfied|displeased|most unhappy] with this {goods}, <because> it \
            [became unusable|proved defective] after {count} days <end>
        (@company) so [done|fed up] <with> this {goods}, it [crapped out|fell apart|died] in <some> {count} days <end>

        I [paid|was charged] {price} dollars for a {color} {goods}, yet you [delivered|supplied|provided] a \
            {color.2} one <end>
        [dropped|blew|paid] {price} bucks on this {color} {goods} <and> u [sent|gave|shipped] me some {color.2} \
            thing <end>

        <i_want_to> [request a refund|be reimbursed] for the {flaw} {goods} that was [delivered|dispatched] to \
            {city} <end> (@thanks)
        <i_want_to> get my [cash|money] back for <the> {flaw} {goods} u [shipped|mailed|sent] 2 {city} <end> (@thanks)

        {name} from your [company|organization] [assured|promised|guaranteed] me that the {goods} would be \
            [replaced|exchanged] in {month} <end>
        {name} from ur [shop|place] [swore|said|told me] theyd swap my {goods} in {month} <end>
    """,
    "trading": """
        I am [offering|selling] a {color} {goods} for {price} dollars, [available|to be collected] in {city} <end>
        [got|dumping|ditching] this {color} {goods} for {price} bucks, come [grab|snag] it in {city} <end>

        <i_want_to> [purchase|acquire] your {goods}. would you [accept|consider] {price} dollars <q>
        <i_want_to> [grab|snag|get] ur {goods}, u [cool with|down for|ok with] {price} bucks <q>

        is the {goods} that you [advertised|listed] on {date} still [available|for sale|on offer] <q>
        <the> {goods} u [posted|put up|stuck up] {date} [still there|gone yet|still up] <q>

        <do_you_know> where one [might|could] [purchase|obtain] a {goods} in {city} <q>
        <do_you_know> where u can [score|get|cop] a {goods} round {city} <q>

        my {relative} [spent|expended] {price} dollars on a {gift} in {city}, which \
            [seems excessive|appears unreasonable|strikes me as extravagant] <end>
        my {relative} [dropped|blew] {price} bucks on some {gift} over in {city}, thats [nuts|crazy|insane] <end>
    """,
}
