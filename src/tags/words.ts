/**
 * The words of tags, one a line, as people write them in captions of photos: the word, its other forms and close synonyms, and
 * behind `<` a broader word for vocabularies without it. A form behind `?` also means something else so often (an orange
 * shirt, to watch) that finding it in a caption says nothing. No form stands in two lines.
 */
export const TAG_WORDS = `
abacus abacuses
accordion accordions
acorn acorns
airplane airplanes plane planes aeroplane aeroplanes airliner airliners jet jets
alligator alligators < animal
altar altars < church
ambulance ambulances < vehicle
anemone anemones
animal animals
ant ants < bug
antelope antelopes gazelle gazelles impala impalas < deer
apple apples
apron aprons
arch arches archway
armor armour
artichoke artichokes < vegetables
axe axes ax hatchet
baby babies infant
backpack backpacks rucksack rucksacks knapsack
bag bags
bagel bagels < bread
bakery bakeries < store
ball balls
balloon balloons
banana bananas
bandage bandages bandaged bandaid
banjo banjos < guitar
barn barns
barrel barrels
baseball baseballs
basket baskets
basketball basketballs
bassoon bassoons < instrument
bathroom bathrooms restroom
beach beaches seashore
beaker beakers < glass
bear bears
beaver beavers < animal
bed beds
bee bees < bug
beer beers
bell bells
belt belts
bench benches
berries berry
bib bibs
bike bikes bicycle bicycles tricycle tricycles unicycle
bikini bikinis < swimsuit
binder binders
bird birds
birdhouse birdhouses
blimp blimps airship < balloon
boar boars < pig
boat boats sailboat sailboats speedboat speedboats catamaran yacht yachts
book books
bookshelf bookshelves bookcase bookcases < book
bookstore bookstores bookshop < store
boots boot
bottle bottles
bowl bowls
box boxes
boxing boxer boxers
bread breads
bridge bridges
broccoli brocolli brocoli
broom brooms
brush brushes paintbrush paintbrushes
bubbles bubble
bucket buckets pail
buffalo buffalos buffaloes bison < cow
bug bugs insect insects beetle beetles
building buildings
burger burgers hamburger hamburgers cheeseburger cheeseburgers < sandwich
burrito burritos < sandwich
bus buses busses
butterfly butterflies < bug
cabbage cabbages < vegetables
cabinet cabinets
camel camels
camera cameras
camper campers rv rvs < van
candles candle
candy candies
cannon cannons
canoe canoes canoeing canoeist kayak kayaks kayaking kayaker kayakers < boat
cap caps
car cars convertible convertibles minivan minivans sedan taxi taxis cab cabs taxicab
carousel carousels
cart carts
cassette cassettes
castle castles < building
cat cats kitten kittens kitty
cauliflower < vegetables
cello cellos cellist
chain chains
chair chairs armchair armchairs
cheetah cheetahs < leopard
?chest ?chests
chicken chickens hen hens
chocolate chocolates
church churches
cliff cliffs
clock clocks
cloth cloths handkerchief
coat coats
coffee espresso
compass compasses
computer computers
controller controllers joystick
coral corals
corkscrew corkscrews
corn
couch couches sofa sofas
cougar cougars < cat
cow cows cattle bull bulls calf ox oxen
coyote coyotes < animal
crab crabs
crane cranes
crate crates < box
?cream
crib cribs cradle
crocodile crocodiles < animal
cucumber cucumbers < vegetables
cup cups mug mugs
deer
desk desks
dessert desserts
dinosaur dinosaurs
dish
dishes
dishwasher dishwashers
diver divers scuba
dock docks
dog dogs puppy puppies pup pups doggy
dome domes < building
door doors
dough
dragonfly dragonflies < bug
dress dresses
dresser dressers
drill drills
drink drinks
drums drum drumming drumset
dryer dryers hairdryer blowdryer
duck ducks duckling ducklings
eagle eagles < bird
elephant elephants
envelope envelopes
eraser erasers
?fan fans
feathers feather
fence fences
ferret ferrets < animal
field fields
fire fires flame flames campfire torch torches
fireplace fireplaces
firetruck firetrucks < truck
fish fishes goldfish
fishing
flag flags
flamingo flamingos flamingoes < bird
flower flowers
flute flutes
food foods
football footballs
forklift forklifts < vehicle
fountain fountains
fox foxes < animal
frog frogs
fruit fruits
glass
gloves glove mittens mitten
goat goats
golf
gondola gondolas < boat
gong gongs
goose geese < bird
gorilla gorillas < monkey
grasshopper grasshoppers < bug
greenhouse greenhouses
guacamole < food
guitar guitars guitarist guitarists
gun guns rifle rifles pistol revolver
hammer hammers
hamster hamsters < animal
harp harps
hat hats
hay
heater heaters
hedgehog hedgehogs porcupine < animal
helmet helmets
hippo hippos hippopotamus < animal
hockey
honeycomb honeycombs
?horn ?horns
horse horses pony ponies
hotdog hotdogs
hourglass
house houses
hummingbird hummingbirds < bird
hut huts
hyena hyenas < animal
instrument instruments
ipod ipods < phone
?iron
jeans denim
jeep jeeps < car
jellyfish
jug jugs
kangaroo kangaroos < animal
kettle kettles teapot teapots < pot
keyboard keyboards
kimono kimonos < dress
kite kites parasail parasailing parachute parachutes
knife knives
koala koalas < animal
ladybug ladybugs < bug
lamp lamps lampshade
laptop laptops < computer
lemon lemons
lemur lemurs < monkey
leopard leopards
library libraries
?light lights
?lighter lighters
lighthouse lighthouses < tower
limo limos limousine limousines < car
lion lions
lipstick
lizard lizards iguana
llama llamas alpaca
lobster lobsters
lock locks padlock
lotion
lynx < cat
mailbox mailboxes
makeup make-up
manhole manholes
market markets
mask masks
mat mats
meat meats
menu menus
meter meters
microphone microphones mic mics mike
microwave microwaves
milk
mirror mirrors
modem modems
monkey monkeys chimp chimps chimpanzee orangutan baboon ape
monument monuments
mosque mosques < building
motorcycle motorcycles motorcyclist motorcyclists motorbike motorbikes moped mopeds
mountain mountains
mouse
mousetrap
mushroom mushrooms
necklace necklaces
net nets
oboe oboes < instrument
?orange oranges
organ organs
ostrich ostriches < bird
otter otters < animal
owl owls < bird
pan pans skillet
panda pandas
paper papers
parrot parrots macaw cockatoo < bird
pasta spaghetti noodles noodle
patio patios
peacock peacocks < bird
pelican pelicans < bird
?pen ?pens
pencil pencils
penguin penguins < bird
peppers pepper
phone phones cellphone cellphones telephone telephones smartphone
piano pianos
pier piers jetty
pig pigs piglet piglets hog hogs
pillow pillows
pin pins
pineapple pineapples
?pitcher pitchers
pizza pizzas
plate plates
platform platforms
plow plows plowing
plunger plungers
pole poles
police policeman policemen
pool pools
pot pots
potatoes potato
pretzel pretzels
printer printers copier
projector projectors
pump pumps
pumpkin pumpkins
purse purses handbag handbags
puzzle puzzles crossword
rabbit rabbits bunny bunnies hare
racket rackets racquet racquets raquet
radiator radiators
radio radios
railing railings rail rails handrail handrails banister
refrigerator refrigerators fridge
remote remotes
rock rocks stone stones boulder boulders
rocket rockets missile missiles
roof roofs rooftop
rooster roosters < chicken
rope ropes
rug rugs carpet
ruler rulers
?safe safes
salamander salamanders newt < animal
salt
sandals sandal
sandwich sandwiches
satellite satellites
saxophone saxophones sax saxophonist
scale scales
scarf scarves scarfs boa
scoreboard scoreboards
scorpion scorpions
screen screens
screwdriver screwdrivers
seal seals < animal
seat seats
sewing
shark sharks < fish
sharpener sharpeners
sheep lamb lambs ram
shell shells seashell seashells
shield shields
ship ships
shirt shirts t-shirt t-shirts tshirt tee jersey jerseys
shoes shoe sneakers sneaker
shower showers
shuttle shuttles
sign signs
sink sinks
skirt skirts miniskirt
skis ski skiing skier skiers
skunk skunks < animal
sled sleds sledding sledge sleigh sleighs
slot slots
slug slugs
snail snails
snake snakes
snow
soap
soccer
socks sock
soup soups stew broth
spatula spatulas
speaker speakers loudspeaker
spider spiders
spoon spoons ladle
squash < vegetables
squirrel squirrels
stage stages onstage
starfish
statue statues sculpture sculptures
stereo stereos
stethoscope stethoscopes
stocking stockings
store stores shop shops
stove stoves stovetop
strainer strainers colander
strawberries strawberry
submarine submarines < boat
suit suits tuxedo tuxedos
sundial sundials
sunglasses sunglass
swan swans < bird
sweater sweaters cardigan
sweatshirt sweatshirts hoodie hoodies
swimming swimmer swimmers swim swims
swimsuit swimsuits swimwear
?swing swings
?switch ?switches
sword swords
table tables
?tank tanks
teddy teddies
television televisions tv tvs
temple temples pagoda < building
tennis
tent tents
theater theaters theatre cinema
tie ties necktie neckties bowtie
tiger tigers
toaster toasters
toilet toilets
tools tool
totem totems
toucan toucans < bird
towel towels
tower towers
toys toy
tractor tractors
traffic stoplight stoplights
trailer trailers
train trains locomotive locomotives
trash garbage trashcan trashcans dumpster
tray trays
tripod tripods
trolley trolleys tram trams streetcar streetcars < train
trombone trombones
truck trucks pickup
trumpet trumpets
tub tubs bathtub bathtubs
turnstile turnstiles
turtle turtles tortoise tortoises
typewriter typewriters < keyboard
umbrella umbrellas parasol parasols
uniform uniforms
vacuum vacuums vacuuming
van vans minibus
vase vases
vegetables vegetable veggies
vehicle vehicles
vending
violin violins violinist violinists
volleyball volleyballs
waffle waffles
wall walls
wallet wallets
washer washers
?watch watches
water
web webs spiderweb
wedding weddings bride brides groom grooms bridal
whale whales
wheel wheels tire tires
wheelbarrow wheelbarrows < cart
whistle whistles
window windows
wine wines
wing ?wings
wok woks < pan
wolf wolves < dog
xylophone xylophones marimba
zebra zebras
zucchini < vegetables
`;
