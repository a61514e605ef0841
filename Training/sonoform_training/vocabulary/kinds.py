"""Nouns that are made as one of the model's objects, because they name a kind of it.

WordNet's is-a proposed most of them; a person kept those that somebody would take the object for,
and added what people say. What is left out is refused with its neighbours: a castle is a house in
WordNet, and no castle as this model draws houses; no weapon becomes a tool.
"""

from __future__ import annotations

_KINDS = {
    "airplane": "aircraft airliner biplane glider jet jetliner turbojet turboprop",
    "bed": "bunk cot trundle",
    "bench": "pew",
    "boat": "barge canoe catamaran dinghy dory ferry ferryboat freighter galleon gondola houseboat "
            "kayak lifeboat motorboat powerboat rowboat sampan schooner ship showboat skiff sloop "
            "speedboat steamboat steamer trawler tugboat vessel yacht",
    "bottle": "carafe decanter flask thermos vial",
    "bowl": "basin dish",
    "box": "block carton case casket chest coffin container crate mailbox matchbox package parcel "
           "sarcophagus suitcase toolbox",
    "cactus": "saguaro",
    "car": "ambulance auto automobile coupe hatchback jalopy jeep limo limousine minivan motorcar "
           "roadster sedan subcompact taxi taxicab wagon",
    "chair": "armchair chaise recliner rocker throne",
    "cube": "dice",
    "cylinder": "barrel canister column drum pillar pipe tailpipe tubing",
    "dog": "beagle bloodhound bulldog chihuahua collie dachshund doggy foxhound greyhound hound "
           "husky labrador mastiff mutt pooch poodle pug pup puppy retriever rottweiler schnauzer "
           "setter spaniel terrier",
    "fish": "barracuda bass carp catfish cod flounder goldfish guppy haddock halibut herring "
            "mackerel marlin minnow perch pike salmon scad shark snapper sturgeon tarpon trout",
    "flower": "anemone aster begonia blossom buttercup carnation cornflower cyclamen daffodil "
              "dahlia daisy gentian iris larkspur lily marigold orchid pansy peony petunia poppy "
              "primrose rose snapdragon sunflower tulip verbena violet wallflower zinnia",
    "hammer": "gavel mallet maul sledgehammer",
    "house": "boardinghouse bungalow chalet cottage dacha dollhouse duplex farmhouse home "
             "hut manor mansion parsonage rectory shack shed villa",
    "ladder": "stepladder",
    "lamp": "lantern",
    "mug": "beaker stein tankard teacup",
    "mushroom": "toadstool",
    "pine tree": "conifer larch spruce",
    "plate": "platter saucer tray",
    "ring": "bagel band bracelet doughnut hoop tire tyre",
    "robot": "android automaton humanoid",
    "rocket": "spacecraft spaceship",
    "sofa": "divan futon loveseat settee",
    "sphere": "baseball basketball bead globe handball marble orb racquetball softball",
    "stool": "barstool footstool ottoman",
    "sword": "broadsword cutlass rapier saber",
    "table": "desk nightstand",
    "teapot": "kettle",
    "tent": "marquee pavilion teepee tepee wigwam",
    "tower": "belfry lighthouse minaret silo skyscraper spire steeple turret",
    "tree": "acacia ash aspen banyan beech birch bonsai cedar cottonwood cypress dogwood elm "
            "eucalyptus hickory laurel linden magnolia mangrove maple mulberry oak palm palmetto "
            "poplar redwood sapling sassafras sequoia sycamore willow",
    "truck": "bookmobile pickup transporter van",
    "umbrella": "parasol",
    "vase": "urn",
    "wine glass": "chalice",
}  # fmt: skip


KINDS = {noun: made for made, nouns in _KINDS.items() for noun in nouns.split()}
"""By noun, the object that it is made as."""
