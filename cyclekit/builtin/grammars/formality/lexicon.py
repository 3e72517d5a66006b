"""Content words: what a sentence is about. They appear in every realisation of a meaning, letter by letter.

One list per `{name}`. Words separated by commas; those that follow "a" begin with a consonant. Add freely: the style
words never depend on them.
"""

from __future__ import annotations

from cyclekit.builtin.grammars.notation import words

MONTHS = words("January, February, March, April, May, June, July, August, September, October, November, December")

LEXICON: dict[str, tuple[str, ...]] = {
    "name": words("""
        Aisha, Albert, Alma, Amara, Anders, Anna, Arturo, Astrid, Beatrice, Benjamin, Bianca, Boris, Bruno, Camille,
        Carlos, Carmen, Cecilia, Clara, Conrad, Cyrus, Dalia, Daniel, Daphne, Deborah, Diego, Dmitri, Dorothy, Edgar,
        Edith, Elena, Elias, Elliot, Emilia, Enzo, Esther, Fatima, Felix, Fiona, Franziska, Gabriel, Gemma, Gerald,
        Giulia, Gordon, Greta, Gustav, Hannah, Harold, Hassan, Helena, Henrik, Hugo, Ibrahim, Ingrid, Irene, Isaac,
        Ivan, Jasmin, Jerome, Joanna, Jonas, Joseph, Judith, Julian, Kamal, Katya, Kenji, Kira, Klaus, Lara, Laurent,
        Leah, Leon, Leyla, Linda, Lorenzo, Louisa, Lucas, Magnus, Malik, Marcel, Marisol, Marta, Martin, Matilda,
        Maurice, Melanie, Mikhail, Miriam, Moritz, Nadia, Nathan, Nicole, Nina, Noah, Olga, Olivia, Omar, Oscar,
        Pablo, Patricia, Paula, Pierre, Priya, Rachel, Ramona, Raphael, Rashid, Rebecca, Renata, Rita, Roberto,
        Rosalie, Rupert, Sabine, Samira, Samuel, Sandra, Sergei, Simone, Sofia, Stella, Sven, Tamara, Teresa, Theo,
        Thomas, Tobias, Ursula, Valeria, Vera, Victor, Viktoria, Walter, Wendy, Xavier, Yasmin, Yuki, Yusuf, Zoe"""),
    "relative": words("""
        sister, brother, uncle, aunt, cousin, nephew, niece, grandfather, grandmother, daughter, son, husband, wife,
        roommate, neighbor, stepfather, godmother, landlord, coach"""),
    "city": words("""
        Amsterdam, Athens, Atlanta, Baltimore, Barcelona, Bergen, Berlin, Bologna, Boston, Brussels, Budapest, Cairo,
        Calgary, Chicago, Cologne, Copenhagen, Dallas, Denver, Detroit, Dresden, Dublin, Edinburgh, Geneva, Genoa,
        Glasgow, Hamburg, Havana, Helsinki, Houston, Istanbul, Jakarta, Kyoto, Leipzig, Lima, Lisbon, Liverpool,
        Ljubljana, Lyon, Madrid, Malmo, Manchester, Marseille, Memphis, Miami, Milan, Montreal, Munich, Nairobi,
        Naples, Nashville, Oslo, Ottawa, Palermo, Phoenix, Porto, Portland, Prague, Quebec, Riga, Rotterdam, Salzburg,
        Seattle, Seoul, Seville, Stockholm, Tallinn, Tokyo, Toronto, Toulouse, Trieste, Turin, Utrecht, Valencia,
        Vancouver, Venice, Vienna, Vilnius, Warsaw, Zagreb, Zurich"""),
    "venue": words("""
        library, train station, town hall, swimming pool, art museum, opera house, football stadium,
        community center, city park, country club, bakery, market square, cathedral, botanical garden, bookstore,
        courthouse, fire station, flea market, gym, harbor, hardware store, ice rink, jazz club,
        kindergarten, lighthouse, movie theater, gallery, pharmacy, planetarium, playground, post office,
        rooftop terrace, sports hall, chapel, theater, toy store, university campus, waterfront, wine bar,
        youth hostel, zoo, old mill, concert hall"""),
    "restaurant": words("""
        Casa Verde, Golden Lotus, Little Havana, Blue Heron, Trattoria Luna, Chez Colette, Red Lantern, Copper Kettle,
        Bistro Nord, Olive Tree, Silver Spoon, Mama Rosa, Sakura House, Taj Garden, Harbor Grill, Crooked Fork,
        Maple Diner, Black Pepper, Seven Stools, Pavilion Nine, Villa Toscana, Lemon Grove, Stone Oven, Rustic Table,
        Peking Palace, Cactus Cantina, Northern Light, Salt Cellar, Fig Leaf, Saffron Room"""),
    "hotel": words("""
        Hotel Miramar, Hotel Astoria, Grand Pacific, Pension Edelweiss, Hotel Bellevue, Park Residence, Hotel Corona,
        Villa Serena, Lakeside Lodge, Hotel Excelsior, Royal Crescent, Hotel Splendid, Pine Ridge, Hotel Aurora,
        Central Plaza, Seaview Inn, Hotel Concordia, Castle Rock, Hotel Flora, Riverside Suites, Hotel Imperial,
        Palm Court, Hotel Metropol, Old Customs House"""),
    "amenity": words("""
        sauna, breakfast buffet, rooftop bar, elevator, fitness room, heated pool, private beach, library lounge,
        tennis court, winter garden, shuttle bus, laundry room, game room, steam bath, wine cellar, terrace"""),
    "goods": words("""
        coffee machine, desk lamp, garden chair, phone charger, laptop, washing machine, bookshelf, bicycle, kettle,
        dining table, vacuum cleaner, microwave, toaster, guitar stand, tablet, food processor, mountain bike, camera,
        rice cooker, rain barrel, wardrobe, mirror, bathtub, blender, printer, keyboard, suitcase, scooter,
        baby stroller, bunk bed, ceiling light, coat rack, computer screen, dishwasher, doghouse, drum kit,
        filing cabinet, fish tank, floor lamp, freezer, frying pan, game console, gas stove, grill, hair dryer,
        headset, heater, high chair, juicer, kayak, kitchen scale, lawn mower, leather armchair, lunch box,
        mailbox, metal shelf, mixer, nightstand, desk chair, paddle board, piano bench, picnic table, pressure cooker,
        projector, radio, record player, refrigerator, rocking chair, rowing machine, sewing machine, shoe rack,
        shower cabin, side table, skateboard, smart watch, snowboard, soundbar, spice rack, standing desk, stereo,
        surfboard, swivel stool, television, toolbox, trampoline, treadmill, trash can, typewriter, wall clock,
        wheelbarrow, wine rack, workbench, writing desk, telescope, tripod, turntable, water filter"""),
    "gift": words("""
        vase, scarf, necklace, teapot, picture frame, wool blanket, cushion, fruit bowl, table cloth, pocket watch,
        music box, jewelry box, pair of gloves, handbag, wallet, silk tie, sweater, straw hat, rug, candle holder,
        flower pot, bathrobe, bracelet, backpack, notebook, chess set, fountain pen, photo album, snow globe, quilt"""),
    "decor": words("""
        vase, picture frame, wool blanket, cushion, fruit bowl, table cloth, music box, rug, candle holder, flower pot,
        quilt, snow globe, chess set, teapot, wall mirror, mantel clock, tapestry, rose bush, brass bell, sculpture,
        watercolor, side lamp, mosaic, dried bouquet"""),
    "room": words("""
        living room, kitchen, hallway, bedroom, study, balcony, studio, dining room, guest room, conservatory, sunroom,
        reading corner, entrance hall, loft, summer cottage"""),
    "color": words("""
        red, blue, green, yellow, black, white, gray, brown, purple, pink, turquoise, beige, silver, crimson, navy"""),
    "flaw": words("""
        broken, damaged, scratched, dented, stained, faulty, cracked, rusty, bent, chipped, dirty,
        dusty"""),
    "fixture": words("""
        kitchen sink, front door, balcony railing, bathroom tap, garage door, radiator, ceiling fan, staircase,
        garden gate, doorbell, cellar window, roof gutter, shower head, light switch, mail slot, porch lamp,
        water pipe, wooden fence, parquet floor, chimney, skylight, thermostat, window frame, smoke detector,
        carport, garden shed, greenhouse, hallway ceiling, handrail, heating pump, tile floor, living room wall,
        medicine cabinet, oven hood, patio, rain gutter, rear entrance, security camera, towel rack, attic hatch"""),
    "trouble": words("loose, damaged, cracked, filthy, unsafe, faulty, broken, worn, rotten"),
    "task": words("""
        repair, clean, replace, inspect, measure, photograph, remove, restore, examine, repaint, reinstall"""),
    "tool": words("""
        ladder, power drill, sleeping bag, tent, hammer, chainsaw, paint roller, snow shovel, hedge trimmer, bike pump,
        tool belt, flashlight, pasta maker, waffle iron, cake tin, cooler box, camping stove, life jacket, hiking pole,
        fishing rod, tennis racket, bowling ball, car jack, jumper cable, roof box, glue gun, sanding machine, spade,
        rake, garden hose, step stool, tape measure, wrench, soldering iron, megaphone, karaoke machine, tuxedo,
        costume, picnic basket, pressure washer"""),
    "instrument": words("""
        trumpet, violin, piano, xylophone, saxophone, accordion, cello, clarinet, electric guitar, tuba, oboe, flute,
        harmonica, banjo, trombone, organ"""),
    "pet": words("""
        dog, cat, parrot, rabbit, hamster, poodle, kitten, puppy, tortoise, pony, goat, ferret, beagle, canary, gecko,
        guinea pig"""),
    "dish": words("""
        lasagna, mushroom risotto, onion soup, fish stew, apple pie, lamb curry, goulash, potato salad, paella, sushi,
        chocolate cake, tomato soup, grilled salmon, roast duck, beef stroganoff, couscous, cheesecake, ratatouille,
        pumpkin soup, shrimp gumbo, chicken pilaf, bean chili, pad thai, seafood pasta, carrot cake, venison ragout,
        vegetable tempura, miso ramen, plum tart, lentil soup, spinach quiche, fried rice, clam chowder, rice pudding,
        lemon sorbet, moussaka, banana bread, pork belly, duck confit, tiramisu, gazpacho, nut roast"""),
    "event": words("""
        birthday party, barbecue, film night, housewarming, garden party, wedding, poetry reading, wine tasting,
        charity run, game night, concert, costume ball, bake sale, beach cleanup, book launch, graduation ceremony,
        school play, street festival, summer fair, talent show, tea ceremony, chess tournament, choir rehearsal,
        company picnic, cooking class, farewell dinner, photo exhibition, jazz session, puppet show, quiz evening,
        lantern parade, plant swap, retirement lunch, sailing regatta, magic show, soccer match"""),
    "appointment": words("""
        dentist appointment, team meeting, job interview, piano lesson, driving test, haircut, eye exam, staff training,
        parent conference, budget review, dance class, board meeting, flu shot, gym session, house viewing,
        safety briefing, language course, legal hearing, photo shoot, phone conference, physical therapy,
        project kickoff, rehearsal, site inspection, tax consultation, video call, yoga class, blood test, car service,
        strategy workshop"""),
    "document": words("""
        rental contract, budget report, tax form, invoice, floor plan, cover letter, insurance policy, travel itinerary,
        medical certificate, meeting agenda, sales forecast, thesis draft, project proposal, guest list, expense report,
        press release, user manual, shift schedule, grant application, survey, price list, translation, audit report,
        birth certificate, bank statement, building permit, business plan, delivery note, lab report, parking permit,
        passport copy, payroll summary, quarterly review, seating chart, warranty card, work visa, marketing brochure,
        safety checklist, loan agreement, order form"""),
    "subject": words("""
        algebra, chemistry, physics, geometry, Latin, Spanish, Mandarin, biology, geography, statistics, economics,
        philosophy, history, calculus, astronomy, Portuguese, music theory, creative writing, psychology, accounting,
        programming, sociology, drawing, botany"""),
    "job": words("""
        nurse, graphic designer, plumber, translator, pastry chef, tour guide, software developer, librarian,
        carpenter, paramedic, journalist, pilot, bus driver, pharmacist, landscape gardener, sound technician,
        teacher, travel agent, veterinarian, waiter, zookeeper, photographer, barista, legal secretary, mechanic,
        physiotherapist, receptionist, surveyor, welder, flight attendant, lifeguard, model maker"""),
    "craft": words("""
        plumber, carpenter, welder, roofer, locksmith, mason, glazier, handyman, house painter, tiler, contractor,
        chimney sweep, decorator, bricklayer, repair service, blacksmith"""),
    "achievement": words("""
        promotion, engagement, scholarship, black belt, gold medal, first novel, book deal, pilot license,
        doctorate, art prize, career award, chess title, marathon record, research grant, debut album, cooking award,
        driving license, university degree, solo exhibition, world record, school diploma"""),
    "activity": words("""
        hiking, swimming, bowling, fishing, kayaking, skating, dancing, climbing, jogging, sailing, camping, cycling,
        shopping, birdwatching, snorkeling, skiing, sledding, bouldering, surfing, rowing, stargazing, golfing,
        paragliding, canoeing, sightseeing, horse riding, berry picking, ice fishing, trail running, rollerblading"""),
    "ailment": words("""
        headache, cough, fever, sore throat, skin rash, stomach ache, migraine, toothache, cold, stiff neck, backache,
        hay fever, bladder infection, sprained ankle, dry cough, swollen knee, nosebleed, muscle cramp"""),
    "body": words("""
        knee, shoulder, back, elbow, wrist, ankle, neck, hip, jaw, thumb, left foot, right hand, big toe"""),
    "vehicle": words("train, bus, ferry, night train, plane, shuttle, express train, minibus, night bus, riverboat"),
    "title": words("""
        Silent Rivers, Paper Moons, Winter Harvest, Crimson Sails, Hollow Kings, Broken Compass, Glass Orchard,
        Distant Thunder, Sparrow Hill, Midnight Cartographer, Velvet Storm, Ashes of Troy, Second Sunrise,
        Lonely Planets, Borrowed Time, Northbound, Iron Lullaby, Salt Roads, Emerald City Blues, Vanishing Point,
        Quiet Hours, Marble Garden, Seven Bridges, Ghost Harbor, Copper Sky, Wandering Stars, Tiger Lily Lane,
        House of Cards, Sugar Maple, Burning Letters, Cold Lanterns, Echo Valley"""),
    "day": words("Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday"),
    "month": MONTHS,
    "date": tuple(f"{month} {day}" for month in MONTHS for day in range(1, 29)),
    "clock": tuple(
        f"{hour}:{minute}" for hour in range(1, 13) for minute in ("00", "15", "20", "30", "40", "45", "50")
    ),
    "count": tuple(str(number) for number in range(2, 15)),
    "minutes": tuple(str(number) for number in range(16, 60)),
    "price": tuple(str(number) for number in range(65, 990, 5)),
}
