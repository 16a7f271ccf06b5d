/**
 * The classes of ILSVRC2012 in their order, one a line: index, name, and the word that people write for it in captions of photos;
 * `-` where there is no such word, or where the classifier sees the class mostly where it is not. Reviewed by hand, line by
 * line, and against what people wrote about photos of which the classifier is sure.
 */
export const IMAGENET_CLASSES = `
0 tench: fish
1 goldfish: fish
2 great white shark: shark
3 tiger shark: shark
4 hammerhead: shark
5 electric ray: fish
6 stingray: fish
7 cock: rooster
8 hen: chicken
9 ostrich: ostrich
10 brambling: bird
11 goldfinch: bird
12 house finch: bird
13 junco: bird
14 indigo bunting: bird
15 robin: bird
16 bulbul: bird
17 jay: bird
18 magpie: bird
19 chickadee: bird
20 water ouzel: bird
21 kite: bird
22 bald eagle: eagle
23 vulture: bird
24 great grey owl: owl
25 european fire salamander: salamander
26 common newt: salamander
27 eft: salamander
28 spotted salamander: salamander
29 axolotl: salamander
30 bullfrog: frog
31 tree frog: frog
32 tailed frog: frog
33 loggerhead: turtle
34 leatherback turtle: turtle
35 mud turtle: turtle
36 terrapin: turtle
37 box turtle: turtle
38 banded gecko: lizard
39 common iguana: lizard
40 american chameleon: lizard
41 whiptail: lizard
42 agama: lizard
43 frilled lizard: lizard
44 alligator lizard: lizard
45 gila monster: lizard
46 green lizard: lizard
47 african chameleon: lizard
48 komodo dragon: lizard
49 african crocodile: crocodile
50 american alligator: alligator
51 triceratops: dinosaur
52 thunder snake: snake
53 ringneck snake: snake
54 hognose snake: snake
55 green snake: snake
56 king snake: snake
57 garter snake: snake
58 water snake: snake
59 vine snake: snake
60 night snake: snake
61 boa constrictor: snake
62 rock python: snake
63 indian cobra: snake
64 green mamba: snake
65 sea snake: snake
66 horned viper: snake
67 diamondback: snake
68 sidewinder: snake
69 trilobite: -
70 harvestman: spider
71 scorpion: scorpion
72 black and gold garden spider: spider
73 barn spider: spider
74 garden spider: spider
75 black widow: spider
76 tarantula: spider
77 wolf spider: spider
78 tick: bug
79 centipede: bug
80 black grouse: bird
81 ptarmigan: bird
82 ruffed grouse: bird
83 prairie chicken: bird
84 peacock: peacock
85 quail: bird
86 partridge: bird
87 african grey: parrot
88 macaw: parrot
89 sulphur-crested cockatoo: parrot
90 lorikeet: parrot
91 coucal: bird
92 bee eater: bird
93 hornbill: bird
94 hummingbird: hummingbird
95 jacamar: bird
96 toucan: toucan
97 drake: duck
98 red-breasted merganser: duck
99 goose: goose
100 black swan: swan
101 tusker: elephant
102 echidna: animal
103 platypus: animal
104 wallaby: kangaroo
105 koala: koala
106 wombat: animal
107 jelly fish: jellyfish
108 sea anemone: anemone
109 brain coral: coral
110 flatworm: -
111 nematode: -
112 conch: shell
113 snail: snail
114 slug: slug
115 sea slug: -
116 chiton: -
117 chambered nautilus: shell
118 dungeness crab: crab
119 rock crab: crab
120 fiddler crab: crab
121 king crab: crab
122 american lobster: lobster
123 spiny lobster: lobster
124 crayfish: lobster
125 hermit crab: crab
126 isopod: bug
127 white stork: bird
128 black stork: bird
129 spoonbill: bird
130 flamingo: flamingo
131 little blue heron: bird
132 american egret: bird
133 bittern: bird
134 crane: bird
135 limpkin: bird
136 european gallinule: bird
137 american coot: bird
138 bustard: bird
139 ruddy turnstone: bird
140 red-backed sandpiper: bird
141 redshank: bird
142 dowitcher: bird
143 oystercatcher: bird
144 pelican: pelican
145 king penguin: penguin
146 albatross: bird
147 grey whale: whale
148 killer whale: -
149 dugong: animal
150 sea lion: seal
151 chihuahua: dog
152 japanese spaniel: dog
153 maltese dog: dog
154 pekinese: dog
155 shih-tzu: dog
156 blenheim spaniel: dog
157 papillon: dog
158 toy terrier: dog
159 rhodesian ridgeback: dog
160 afghan hound: dog
161 basset: dog
162 beagle: dog
163 bloodhound: dog
164 bluetick: dog
165 black-and-tan coonhound: dog
166 walker hound: dog
167 english foxhound: dog
168 redbone: dog
169 borzoi: dog
170 irish wolfhound: dog
171 italian greyhound: dog
172 whippet: dog
173 ibizan hound: dog
174 norwegian elkhound: dog
175 otterhound: dog
176 saluki: dog
177 scottish deerhound: dog
178 weimaraner: dog
179 staffordshire bullterrier: dog
180 american staffordshire terrier: dog
181 bedlington terrier: dog
182 border terrier: dog
183 kerry blue terrier: dog
184 irish terrier: dog
185 norfolk terrier: dog
186 norwich terrier: dog
187 yorkshire terrier: dog
188 wire-haired fox terrier: dog
189 lakeland terrier: dog
190 sealyham terrier: dog
191 airedale: dog
192 cairn: dog
193 australian terrier: dog
194 dandie dinmont: dog
195 boston bull: dog
196 miniature schnauzer: dog
197 giant schnauzer: dog
198 standard schnauzer: dog
199 scotch terrier: dog
200 tibetan terrier: dog
201 silky terrier: dog
202 soft-coated wheaten terrier: dog
203 west highland white terrier: dog
204 lhasa: dog
205 flat-coated retriever: dog
206 curly-coated retriever: dog
207 golden retriever: dog
208 labrador retriever: dog
209 chesapeake bay retriever: dog
210 german short-haired pointer: dog
211 vizsla: dog
212 english setter: dog
213 irish setter: dog
214 gordon setter: dog
215 brittany spaniel: dog
216 clumber: dog
217 english springer: dog
218 welsh springer spaniel: dog
219 cocker spaniel: dog
220 sussex spaniel: dog
221 irish water spaniel: dog
222 kuvasz: dog
223 schipperke: dog
224 groenendael: dog
225 malinois: dog
226 briard: dog
227 kelpie: dog
228 komondor: dog
229 old english sheepdog: dog
230 shetland sheepdog: dog
231 collie: dog
232 border collie: dog
233 bouvier des flandres: dog
234 rottweiler: dog
235 german shepherd: dog
236 doberman: dog
237 miniature pinscher: dog
238 greater swiss mountain dog: dog
239 bernese mountain dog: dog
240 appenzeller: dog
241 entlebucher: dog
242 boxer: dog
243 bull mastiff: dog
244 tibetan mastiff: dog
245 french bulldog: dog
246 great dane: dog
247 saint bernard: dog
248 eskimo dog: dog
249 malamute: dog
250 siberian husky: dog
251 dalmatian: dog
252 affenpinscher: dog
253 basenji: dog
254 pug: dog
255 leonberg: dog
256 newfoundland: dog
257 great pyrenees: dog
258 samoyed: dog
259 pomeranian: dog
260 chow: dog
261 keeshond: dog
262 brabancon griffon: dog
263 pembroke: dog
264 cardigan: dog
265 toy poodle: dog
266 miniature poodle: dog
267 standard poodle: dog
268 mexican hairless: dog
269 timber wolf: wolf
270 white wolf: wolf
271 red wolf: wolf
272 coyote: coyote
273 dingo: dog
274 dhole: dog
275 african hunting dog: dog
276 hyena: hyena
277 red fox: fox
278 kit fox: fox
279 arctic fox: fox
280 grey fox: fox
281 tabby: cat
282 tiger cat: cat
283 persian cat: cat
284 siamese cat: cat
285 egyptian cat: cat
286 cougar: cougar
287 lynx: lynx
288 leopard: leopard
289 snow leopard: leopard
290 jaguar: leopard
291 lion: lion
292 tiger: tiger
293 cheetah: cheetah
294 brown bear: bear
295 american black bear: bear
296 ice bear: bear
297 sloth bear: bear
298 mongoose: animal
299 meerkat: animal
300 tiger beetle: bug
301 ladybug: ladybug
302 ground beetle: bug
303 long-horned beetle: bug
304 leaf beetle: bug
305 dung beetle: bug
306 rhinoceros beetle: bug
307 weevil: bug
308 fly: bug
309 bee: bee
310 ant: ant
311 grasshopper: grasshopper
312 cricket: bug
313 walking stick: bug
314 cockroach: bug
315 mantis: bug
316 cicada: bug
317 leafhopper: bug
318 lacewing: bug
319 dragonfly: dragonfly
320 damselfly: dragonfly
321 admiral: butterfly
322 ringlet: butterfly
323 monarch: butterfly
324 cabbage butterfly: butterfly
325 sulphur butterfly: butterfly
326 lycaenid: butterfly
327 starfish: starfish
328 sea urchin: -
329 sea cucumber: -
330 wood rabbit: rabbit
331 hare: rabbit
332 angora: rabbit
333 hamster: hamster
334 porcupine: hedgehog
335 fox squirrel: squirrel
336 marmot: animal
337 beaver: beaver
338 guinea pig: animal
339 sorrel: horse
340 zebra: zebra
341 hog: pig
342 wild boar: boar
343 warthog: pig
344 hippopotamus: hippo
345 ox: cow
346 water buffalo: buffalo
347 bison: buffalo
348 ram: sheep
349 bighorn: sheep
350 ibex: goat
351 hartebeest: antelope
352 impala: antelope
353 gazelle: antelope
354 arabian camel: camel
355 llama: llama
356 weasel: animal
357 mink: animal
358 polecat: animal
359 black-footed ferret: ferret
360 otter: otter
361 skunk: skunk
362 badger: animal
363 armadillo: animal
364 three-toed sloth: animal
365 orangutan: monkey
366 gorilla: gorilla
367 chimpanzee: monkey
368 gibbon: monkey
369 siamang: monkey
370 guenon: monkey
371 patas: monkey
372 baboon: monkey
373 macaque: monkey
374 langur: monkey
375 colobus: monkey
376 proboscis monkey: monkey
377 marmoset: monkey
378 capuchin: monkey
379 howler monkey: monkey
380 titi: monkey
381 spider monkey: monkey
382 squirrel monkey: monkey
383 madagascar cat: lemur
384 indri: lemur
385 indian elephant: elephant
386 african elephant: elephant
387 lesser panda: panda
388 giant panda: panda
389 barracouta: fish
390 eel: fish
391 coho: fish
392 rock beauty: fish
393 anemone fish: fish
394 sturgeon: fish
395 gar: fish
396 lionfish: fish
397 puffer: fish
398 abacus: abacus
399 abaya: -
400 academic gown: -
401 accordion: accordion
402 acoustic guitar: guitar
403 aircraft carrier: -
404 airliner: airplane
405 airship: blimp
406 altar: altar
407 ambulance: ambulance
408 amphibian: vehicle
409 analog clock: clock
410 apiary: -
411 apron: apron
412 ashcan: trash
413 assault rifle: gun
414 backpack: backpack
415 bakery: bakery
416 balance beam: -
417 balloon: balloon
418 ballpoint: pen
419 band aid: bandage
420 banjo: banjo
421 bannister: railing
422 barbell: -
423 barber chair: chair
424 barbershop: -
425 barn: barn
426 barometer: -
427 barrel: barrel
428 barrow: wheelbarrow
429 baseball: baseball
430 basketball: basketball
431 bassinet: crib
432 bassoon: bassoon
433 bathing cap: swimming
434 bath towel: towel
435 bathtub: tub
436 beach wagon: car
437 beacon: lighthouse
438 beaker: beaker
439 bearskin: hat
440 beer bottle: bottle
441 beer glass: beer
442 bell cote: tower
443 bib: bib
444 bicycle-built-for-two: bike
445 bikini: bikini
446 binder: binder
447 binoculars: -
448 birdhouse: birdhouse
449 boathouse: house
450 bobsled: sled
451 bolo tie: -
452 bonnet: hat
453 bookcase: bookshelf
454 bookshop: bookstore
455 bottlecap: -
456 bow: -
457 bow tie: tie
458 brass: sign
459 brassiere: -
460 breakwater: pier
461 breastplate: armor
462 broom: broom
463 bucket: bucket
464 buckle: belt
465 bulletproof vest: -
466 bullet train: train
467 butcher shop: meat
468 cab: car
469 caldron: pot
470 candle: candles
471 cannon: cannon
472 canoe: canoe
473 can opener: -
474 cardigan: sweater
475 car mirror: mirror
476 carousel: carousel
477 carpenter's kit: tools
478 carton: box
479 car wheel: car
480 cash machine: -
481 cassette: cassette
482 cassette player: stereo
483 castle: castle
484 catamaran: boat
485 cd player: stereo
486 cello: cello
487 cellular telephone: phone
488 chain: chain
489 chainlink fence: fence
490 chain mail: armor
491 chain saw: -
492 chest: chest
493 chiffonier: dresser
494 chime: bell
495 china cabinet: cabinet
496 christmas stocking: stocking
497 church: church
498 cinema: theater
499 cleaver: knife
500 cliff dwelling: rock
501 cloak: -
502 clog: shoes
503 cocktail shaker: -
504 coffee mug: cup
505 coffeepot: pot
506 coil: -
507 combination lock: lock
508 computer keyboard: keyboard
509 confectionery: candy
510 container ship: ship
511 convertible: car
512 corkscrew: corkscrew
513 cornet: trumpet
514 cowboy boot: boots
515 cowboy hat: hat
516 cradle: crib
517 crane: crane
518 crash helmet: helmet
519 crate: crate
520 crib: crib
521 crock pot: pot
522 croquet ball: ball
523 crutch: -
524 cuirass: armor
525 dam: -
526 desk: desk
527 desktop computer: computer
528 dial telephone: phone
529 diaper: -
530 digital clock: clock
531 digital watch: watch
532 dining table: table
533 dishrag: cloth
534 dishwasher: dishwasher
535 disk brake: wheel
536 dock: dock
537 dogsled: sled
538 dome: dome
539 doormat: mat
540 drilling platform: platform
541 drum: drums
542 drumstick: drums
543 dumbbell: -
544 dutch oven: pot
545 electric fan: fan
546 electric guitar: guitar
547 electric locomotive: train
548 entertainment center: television
549 envelope: envelope
550 espresso maker: coffee
551 face powder: makeup
552 feather boa: scarf
553 file: cabinet
554 fireboat: boat
555 fire engine: firetruck
556 fire screen: fireplace
557 flagpole: flag
558 flute: flute
559 folding chair: chair
560 football helmet: football
561 forklift: forklift
562 fountain: fountain
563 fountain pen: pen
564 four-poster: bed
565 freight car: train
566 french horn: horn
567 frying pan: pan
568 fur coat: coat
569 garbage truck: truck
570 gasmask: mask
571 gas pump: pump
572 goblet: glass
573 go-kart: -
574 golf ball: golf
575 golfcart: cart
576 gondola: gondola
577 gong: gong
578 gown: dress
579 grand piano: piano
580 greenhouse: greenhouse
581 grille: car
582 grocery store: market
583 guillotine: -
584 hair slide: -
585 hair spray: -
586 half track: vehicle
587 hammer: hammer
588 hamper: basket
589 hand blower: dryer
590 hand-held computer: phone
591 handkerchief: cloth
592 hard disc: -
593 harmonica: -
594 harp: harp
595 harvester: tractor
596 hatchet: axe
597 holster: -
598 home theater: television
599 honeycomb: honeycomb
600 hook: -
601 hoopskirt: dress
602 horizontal bar: -
603 horse cart: horse
604 hourglass: hourglass
605 ipod: ipod
606 iron: iron
607 jack-o'-lantern: pumpkin
608 jean: jeans
609 jeep: jeep
610 jersey: shirt
611 jigsaw puzzle: puzzle
612 jinrikisha: -
613 joystick: controller
614 kimono: kimono
615 knee pad: -
616 knot: rope
617 lab coat: -
618 ladle: spoon
619 lampshade: lamp
620 laptop: laptop
621 lawn mower: -
622 lens cap: camera
623 letter opener: knife
624 library: library
625 lifeboat: boat
626 lighter: lighter
627 limousine: limo
628 liner: ship
629 lipstick: lipstick
630 loafer: shoes
631 lotion: lotion
632 loudspeaker: speaker
633 loupe: -
634 lumbermill: -
635 magnetic compass: compass
636 mailbag: bag
637 mailbox: mailbox
638 maillot: swimsuit
639 maillot: swimsuit
640 manhole cover: manhole
641 maraca: -
642 marimba: xylophone
643 mask: mask
644 matchstick: -
645 maypole: -
646 maze: -
647 measuring cup: cup
648 medicine chest: bathroom
649 megalith: rock
650 microphone: microphone
651 microwave: microwave
652 military uniform: uniform
653 milk can: milk
654 minibus: bus
655 miniskirt: skirt
656 minivan: car
657 missile: rocket
658 mitten: gloves
659 mixing bowl: bowl
660 mobile home: trailer
661 model t: car
662 modem: modem
663 monastery: building
664 monitor: computer
665 moped: motorcycle
666 mortar: bowl
667 mortarboard: cap
668 mosque: mosque
669 mosquito net: net
670 motor scooter: motorcycle
671 mountain bike: bike
672 mountain tent: tent
673 mouse: mouse
674 mousetrap: mousetrap
675 moving van: truck
676 muzzle: dog
677 nail: -
678 neck brace: -
679 necklace: necklace
680 nipple: baby
681 notebook: laptop
682 obelisk: monument
683 oboe: oboe
684 ocarina: instrument
685 odometer: -
686 oil filter: -
687 organ: organ
688 oscilloscope: -
689 overskirt: dress
690 oxcart: cow
691 oxygen mask: -
692 packet: -
693 paddle: water
694 paddlewheel: boat
695 padlock: lock
696 paintbrush: brush
697 pajama: -
698 palace: building
699 panpipe: -
700 paper towel: towel
701 parachute: kite
702 parallel bars: -
703 park bench: bench
704 parking meter: meter
705 passenger car: train
706 patio: patio
707 pay-phone: phone
708 pedestal: statue
709 pencil box: pencil
710 pencil sharpener: sharpener
711 perfume: bottle
712 petri dish: dish
713 photocopier: printer
714 pick: -
715 pickelhaube: helmet
716 picket fence: fence
717 pickup: truck
718 pier: pier
719 piggy bank: -
720 pill bottle: bottle
721 pillow: pillow
722 ping-pong ball: ball
723 pinwheel: -
724 pirate: ship
725 pitcher: pitcher
726 plane: -
727 planetarium: building
728 plastic bag: bag
729 plate rack: dishes
730 plow: plow
731 plunger: plunger
732 polaroid camera: camera
733 pole: pole
734 police van: police
735 poncho: -
736 pool table: table
737 pop bottle: bottle
738 pot: pot
739 potter's wheel: -
740 power drill: drill
741 prayer rug: rug
742 printer: printer
743 prison: -
744 projectile: rocket
745 projector: projector
746 puck: hockey
747 punching bag: boxing
748 purse: purse
749 quill: feathers
750 quilt: bed
751 racer: car
752 racket: racket
753 radiator: radiator
754 radio: radio
755 radio telescope: satellite
756 rain barrel: barrel
757 recreational vehicle: camper
758 reel: fishing
759 reflex camera: camera
760 refrigerator: refrigerator
761 remote control: remote
762 restaurant: table
763 revolver: gun
764 rifle: gun
765 rocking chair: chair
766 rotisserie: -
767 rubber eraser: eraser
768 rugby ball: ball
769 rule: ruler
770 running shoe: shoes
771 safe: safe
772 safety pin: pin
773 saltshaker: salt
774 sandal: sandals
775 sarong: -
776 sax: saxophone
777 scabbard: sword
778 scale: scale
779 school bus: bus
780 schooner: boat
781 scoreboard: scoreboard
782 screen: screen
783 screw: -
784 screwdriver: screwdriver
785 seat belt: seat
786 sewing machine: sewing
787 shield: shield
788 shoe shop: store
789 shoji: door
790 shopping basket: basket
791 shopping cart: cart
792 shovel: -
793 shower cap: -
794 shower curtain: shower
795 ski: skis
796 ski mask: -
797 sleeping bag: -
798 slide rule: ruler
799 sliding door: door
800 slot: slot
801 snorkel: swimming
802 snowmobile: snow
803 snowplow: snow
804 soap dispenser: soap
805 soccer ball: soccer
806 sock: socks
807 solar dish: -
808 sombrero: hat
809 soup bowl: soup
810 space bar: keyboard
811 space heater: heater
812 space shuttle: shuttle
813 spatula: spatula
814 speedboat: boat
815 spider web: web
816 spindle: -
817 sports car: car
818 spotlight: light
819 stage: stage
820 steam locomotive: train
821 steel arch bridge: bridge
822 steel drum: instrument
823 stethoscope: stethoscope
824 stole: scarf
825 stone wall: wall
826 stopwatch: watch
827 stove: stove
828 strainer: strainer
829 streetcar: trolley
830 stretcher: -
831 studio couch: couch
832 stupa: temple
833 submarine: submarine
834 suit: suit
835 sundial: sundial
836 sunglass: sunglasses
837 sunglasses: sunglasses
838 sunscreen: bottle
839 suspension bridge: bridge
840 swab: -
841 sweatshirt: sweatshirt
842 swimming trunks: swimming
843 swing: swing
844 switch: switch
845 syringe: -
846 table lamp: lamp
847 tank: tank
848 tape player: stereo
849 teapot: kettle
850 teddy: teddy
851 television: television
852 tennis ball: tennis
853 thatch: hut
854 theater curtain: -
855 thimble: -
856 thresher: -
857 throne: chair
858 tile roof: roof
859 toaster: toaster
860 tobacco shop: store
861 toilet seat: toilet
862 torch: fire
863 totem pole: totem
864 tow truck: truck
865 toyshop: toys
866 tractor: tractor
867 trailer truck: truck
868 tray: tray
869 trench coat: coat
870 tricycle: bike
871 trimaran: boat
872 tripod: tripod
873 triumphal arch: arch
874 trolleybus: bus
875 trombone: trombone
876 tub: pool
877 turnstile: turnstile
878 typewriter keyboard: typewriter
879 umbrella: umbrella
880 unicycle: bike
881 upright: piano
882 vacuum: vacuum
883 vase: vase
884 vault: -
885 velvet: -
886 vending machine: vending
887 vestment: -
888 viaduct: bridge
889 violin: violin
890 volleyball: volleyball
891 waffle iron: waffle
892 wall clock: clock
893 wallet: wallet
894 wardrobe: cabinet
895 warplane: airplane
896 washbasin: sink
897 washer: washer
898 water bottle: bottle
899 water jug: jug
900 water tower: tower
901 whiskey jug: jug
902 whistle: whistle
903 wig: -
904 window screen: window
905 window shade: window
906 windsor tie: tie
907 wine bottle: wine
908 wing: wing
909 wok: wok
910 wooden spoon: spoon
911 wool: -
912 worm fence: fence
913 wreck: ship
914 yawl: boat
915 yurt: tent
916 web site: -
917 comic book: book
918 crossword puzzle: puzzle
919 street sign: sign
920 traffic light: traffic
921 book jacket: book
922 menu: menu
923 plate: plate
924 guacamole: guacamole
925 consomme: soup
926 hot pot: soup
927 trifle: dessert
928 ice cream: cream
929 ice lolly: -
930 french loaf: bread
931 bagel: bagel
932 pretzel: pretzel
933 cheeseburger: burger
934 hotdog: hotdog
935 mashed potato: potatoes
936 head cabbage: cabbage
937 broccoli: broccoli
938 cauliflower: cauliflower
939 zucchini: zucchini
940 spaghetti squash: squash
941 acorn squash: squash
942 butternut squash: squash
943 cucumber: cucumber
944 artichoke: artichoke
945 bell pepper: peppers
946 cardoon: flower
947 mushroom: mushroom
948 granny smith: apple
949 strawberry: strawberries
950 orange: orange
951 lemon: lemon
952 fig: fruit
953 pineapple: pineapple
954 banana: banana
955 jackfruit: fruit
956 custard apple: fruit
957 pomegranate: fruit
958 hay: hay
959 carbonara: pasta
960 chocolate sauce: chocolate
961 dough: dough
962 meat loaf: meat
963 pizza: pizza
964 potpie: food
965 burrito: burrito
966 red wine: wine
967 espresso: coffee
968 cup: cup
969 eggnog: drink
970 alp: mountain
971 bubble: bubbles
972 cliff: rock
973 coral reef: coral
974 geyser: -
975 lakeside: water
976 promontory: cliff
977 sandbar: beach
978 seashore: beach
979 valley: mountain
980 volcano: mountain
981 ballplayer: baseball
982 groom: wedding
983 scuba diver: diver
984 rapeseed: field
985 daisy: flower
986 yellow lady's slipper: flower
987 corn: corn
988 acorn: acorn
989 hip: berries
990 buckeye: -
991 coral fungus: mushroom
992 agaric: mushroom
993 gyromitra: mushroom
994 stinkhorn: mushroom
995 earthstar: mushroom
996 hen-of-the-woods: mushroom
997 bolete: mushroom
998 ear: corn
999 toilet tissue: paper
`;
