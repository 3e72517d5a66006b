"""Content words: what a review is about. They appear in every realisation of a meaning, letter by letter.

One list per `{name}`, in lower case as tokenised corpora have it, and neutral: nothing here is good or bad. Words that
follow "a" begin with a consonant. Several lists are products of two, so that few words make many things to speak of.
"""

from __future__ import annotations

from cyclekit.builtin.grammars.notation import words


def _joined(firsts: str, seconds: str) -> tuple[str, ...]:
    """Every word of one list before every word of another."""
    return tuple(f"{first} {second}" for first in words(firsts) for second in words(seconds))


LEXICON: dict[str, tuple[str, ...]] = {
    "person": words("""
        aaron, abby, adam, adele, adrian, alice, amanda, andrea, andy, angela, anita, anna, arthur, barbara, becky, ben,
        beth, bianca, brenda, brian, bruce, camila, carl, carlos, carmen, carol, cathy, chad, charlie, chris, claire,
        clara, craig, cynthia, dana, daniel, darren, david, debbie, denise, derek, diana, diego, donna, doug, eddie,
        elena, emily, eric, erica, ethan, eva, felix, fiona, frank, gabriel, gary, gina, glenn, greg, hannah, hector,
        heidi, helen, henry, ian, irene, isabel, ivan, jackie, jake, james, janet, jason, jeff, jenny, jerry, jesse,
        joanna, joel, jorge, judy, julian, karen, karl, katie, keith, kelly, kenny, kevin, kyle, lance, larry, laura,
        leo, leslie, linda, lisa, lori, louis, lucas, lucy, luis, marco, maria, martin, megan, miguel, mike, monica,
        nancy, natalie, nathan, nick, nicole, nina, oliver, olivia, oscar, pablo, pamela, patty, paul, peter, phil,
        rachel, ralph, randy, rebecca, ricardo, rita, robert, roger, rosa, ross, ruben, ryan, sam, samantha, sandra,
        scott, sean, sharon, sheila, simon, sofia, stacy, stella, steve, susan, tamara, tanya, teresa, terry, theo,
        tim, tina, todd, tom, tony, travis, trevor, valerie, vanessa, veronica, victor, vince, walter, wanda, wendy"""),
    "companion": words("""
        wife, husband, sister, brother, boss, neighbor, daughter, son, roommate, girlfriend, boyfriend, cousin, uncle,
        aunt, nephew, niece, grandma, grandpa, mom, dad, coworker, best friend, fiance, father, mother, teammate,
        classmate, tenant, stepson, godmother"""),
    "place": words("""
        alloro, amberly, bazaar, bellini, benbow, bluestem, bodega, bramble, brasa, cabana, calico, canteen, cascade,
        chalet, cinder, citron, colette, compass, coppola, cortina, delmonico, delancey, domino, dragonfly, echo,
        ember, esquina, fable, farrago, fiddler, figaro, firefly, flannery, foundry, galleon, gazebo, giordano, gondola,
        granary, hacienda, halcyon, harlow, hibiscus, hollister, indigo, isola, jasper, juniper, kabuki, kestrel,
        kimono, lantana, larkspur, leopold, lotus, luciano, madrona, magnolia, malibu, mandarin, marigold, marlowe,
        matador, meridian, milano, mirabel, mistral, mojave, monsoon, moxie, nectar, nimbus, novella, oasis, obelisk,
        olivetti, orchid, osteria, paloma, pantry, parador, pavilion, pegasus, peppercorn, piccolo, pinnacle, placita,
        ponderosa, quarry, quixote, radish, ravello, redwood, rialto, rosewood, sagebrush, santorini, scirocco, seville,
        sparrow, stella, sycamore, tamarind, tangerine, tavolo, teahouse, timber, topaz, trellis, tuscany, umbria,
        vespucci, vineyard, wagyu, willow, yucatan, zephyr, zinnia, zorba"""),
    "hotel": words("""
        miramar, astoria, bellevue, corona, excelsior, aurora, pacifica, concordia, metropol, lakeside, seaview,
        westgate, sahara, sonora, wyndmere, ambassador, ashbury, avalon, belmont, bristol, cambria, carlton, clarendon,
        continental, drake, embassy, fairmont, flamingo, granada, hacienda, imperial, kensington, langham, luxor,
        majestic, mandalay, marina, montclair, monarch, normandie, orleans, palazzo, palmetto, parkway, plaza,
        regency, ritz, riviera, sheraton, stratford, sundance, talisman, tropicana, venetian, waldorf, wellington,
        westin, windsor, winslow, alameda, el rancho, hotel verde"""),
    "dish": (
        *words("""
            burger, lasagna, risotto, ramen, curry, paella, goulash, burrito, omelette, gumbo, steak, brisket, salad,
            chili, ravioli, pizza, meatloaf, quesadilla, falafel, pho, gyro, sashimi, salmon, lobster, jambalaya,
            stroganoff, schnitzel, carbonara, fajita, tamale, pierogi, bruschetta, gnocchi, couscous, moussaka, ceviche,
            poutine, hummus, teriyaki, biryani, quiche, chowder, pastrami, bisque, sandwich, calzone, panini, kebab"""),
        *_joined("chicken, shrimp, pork, lamb, tofu, mushroom", "wrap, soup, pasta, pie, stir fry"),
    ),
    "dessert": words("""
        cheesecake, tiramisu, gelato, sorbet, brownie, cannoli, baklava, custard, flan, sundae, strudel, souffle, pudding,
        cupcake, donut, macaron, eclair, cobbler, parfait, crepe, waffle, cookie, churro, scone, muffin, croissant,
        carrot cake, lemon tart, apple pie, banana split, rice pudding, peach pie, cinnamon roll, fruit salad, milk tart"""),
    "snacks": words("""
        tacos, dumplings, noodles, skewers, meatballs, nachos, enchiladas, sliders, wontons, fritters, wings, fries,
        pancakes, oysters, mussels, ribs, scallops, bagels, pretzels, samosas, empanadas, tostadas, clams, crab legs,
        egg rolls, spring rolls, onion rings, hush puppies, potato skins, garlic knots, fish sticks, chicken strips,
        pork buns, hash browns, veggie rolls, tater tots, corn dogs, biscuits, flautas, tamales, pickles, mushrooms"""),
    "drink": words("""
        coffee, iced tea, lemonade, margarita, espresso, latte, mojito, cider, lager, red wine, white wine, sangria,
        orange juice, hot chocolate, smoothie, milkshake, root beer, cappuccino, green tea, mimosa, horchata, martini,
        ginger ale, chai, bourbon"""),
    "meal": words("breakfast, lunch, dinner, brunch, supper"),
    "staff": words("waitress, waiter, hostess, bartender, cashier, server, busboy, barista, cook, bouncer"),
    "things": words("""
        shoes, gloves, jackets, hats, slippers, skirts, pants, boots, bags, blankets, vests, cushions, towels, curtains,
        chairs, rugs, lamps, sandals, sweaters, shirts, jeans, scarves, wallets, belts, candles, mugs, plates, pillows,
        toys, books, records, posters, tools, tires, bikes, guitars, phones, cameras, watches, earrings, bracelets,
        glasses, sunglasses, costumes, dresses, suits, ties, socks, pajamas, swimsuits, flowers, plants, cribs, strollers,
        sofas, desks, shelves, mirrors, vases, quilts"""),
    "goods": words("""
        bookshelf, blender, toaster, kettle, desk lamp, garden chair, phone charger, laptop, washing machine, bicycle,
        dining table, vacuum cleaner, microwave, guitar, tablet, mountain bike, camera, rice cooker, wardrobe, mirror,
        bathtub, printer, keyboard, suitcase, scooter, stroller, bunk bed, ceiling fan, coat rack, dishwasher, drum kit,
        fish tank, freezer, frying pan, game console, grill, hair dryer, headset, heater, high chair, juicer, kayak,
        lawn mower, recliner, mattress, nightstand, piano, projector, radio, record player, refrigerator, rocking chair,
        sewing machine, shoe rack, skateboard, watch, snowboard, sofa, standing desk, surfboard, television, tent,
        treadmill, wall clock, wheelbarrow, telescope, turntable, water filter, wedding ring, necklace, winter coat"""),
    "cut": words("""
        haircut, manicure, pedicure, perm, facial, massage, blowout, trim, shave, dye job, hair wash, tattoo, spray tan,
        scalp massage, brow wax, makeover, beard trim, lash lift, body wrap, hot stone massage"""),
    "repair": words("""
        brake job, tire rotation, tune up, smog check, paint job, transmission swap, wheel alignment, battery swap,
        clutch repair, muffler repair, windshield repair, bumper repair, coolant flush, radiator repair, belt change,
        filter change, hubcap swap, headlight repair"""),
    "car": words("""
        honda, toyota, jeep, truck, minivan, ford, mazda, subaru, nissan, chevy, lexus, kia, van, volvo, motorcycle,
        hatchback, convertible, camper, pickup, station wagon, bmw, mustang, jetta, sedan"""),
    "exam": words("""
        checkup, root canal, filling, teeth cleaning, blood test, physical, surgery, crown fitting, whitening,
        hearing test, vision test, biopsy, consultation, flu shot, follow up, skin check, sleep study, tooth
        extraction"""),
    "ailment": words("""
        back pain, toothache, headaches, skin rash, sore throat, knee pain, migraine, cough, broken wrist, stiff neck,
        allergy, fever, sprained ankle, insomnia, ear infection, hip pain, jaw pain, heartburn, tennis elbow, vertigo"""),
    "pet": words("""
        dog, cat, rabbit, hamster, poodle, kitten, puppy, parrot, beagle, terrier, bulldog, ferret, collie, chihuahua,
        guinea pig, pug, labrador, tortoise, pony, canary"""),
    "craft": words("""
        plumber, electrician, painter, roofer, locksmith, carpenter, handyman, gardener, cleaner, mover, tiler,
        exterminator, landscaper, contractor, glazier, decorator, pool guy, cable guy, repairman, mason"""),
    "fixture": words("""
        kitchen sink, front door, shower door, garage door, water heater, ceiling fan, staircase, garden gate, doorbell,
        roof, fence, chimney, skylight, thermostat, garbage disposal, carport, patio cover, bathroom tile, sprinkler,
        furnace"""),
    "course": words("""
        yoga, spin, pilates, zumba, boxing, cooking, pottery, salsa, swimming, karate, painting, guitar, tennis, dance,
        climbing, spanish, ballet, driving, photography, gymnastics, knitting, rowing, archery, surfing"""),
    "feature": words("""
        carpet, shower, balcony, bathroom, elevator, fitness room, breakfast buffet, sauna, pool, hot tub, lobby, bar,
        minibar, bathtub, closet, terrace, parking garage, hallway, coffee maker, pool deck, wifi, dining room, couch, steam
        room"""),
    "sight": words("""
        airport, beach, convention center, stadium, museum, old town, casino, train station, lake, canyon, zoo, harbor,
        golf course, strip, university, waterfall, theater, botanical garden, mall, fairgrounds"""),
    "event": words("""
        anniversary, birthday party, wedding, family reunion, date night, baby shower, graduation party, office party,
        bachelor party, engagement dinner, retirement lunch, book club, game night, holiday party, first date,
        business lunch, wedding rehearsal, team dinner, mother 's day, valentine 's day"""),
    "city": words("""
        phoenix, scottsdale, tempe, mesa, glendale, vegas, henderson, toronto, montreal, pittsburgh, cleveland, boston,
        chicago, denver, austin, dallas, houston, seattle, portland, oakland, sacramento, fresno, reno, tucson, flagstaff,
        boise, omaha, memphis, nashville, atlanta, miami, tampa, orlando, charlotte, richmond, baltimore, buffalo,
        detroit, madison, milwaukee, tulsa, honolulu, anaheim, spokane, savannah, lubbock,
        raleigh, dayton, louisville, wichita, albany, ottawa"""),
    "day": words("monday, tuesday, wednesday, thursday, friday, saturday, sunday"),
    "month": words("january, february, march, april, may, june, july, august, september, october, november, december"),
    "few": tuple(str(number) for number in range(2, 10)),
    "many": tuple(str(number) for number in range(15, 60)),
    "bucks": tuple(str(number) for number in range(8, 70)),
    "price": tuple(str(number) for number in range(70, 900, 5)),
    "room": tuple(str(number) for number in range(101, 700)),
}
