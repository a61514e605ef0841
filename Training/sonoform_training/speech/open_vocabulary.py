"""Speech that describes no object: ordinary English sentences and words in no order.

The encoder must be a phone recogniser of English, not of the description language only, so that
speech outside the language is heard as what it is and can be refused.
"""

from __future__ import annotations

import random

from ..descriptions import CARRIERS, DescriptionError, parse_scene, vocabulary


def _items(text: str, separator: str | None = None) -> tuple[str, ...]:
    return tuple(" ".join(item.split()) for item in text.split(separator))


PEOPLE = _items("""
    mother father sister brother uncle aunt cousin teacher doctor nurse farmer lawyer judge singer
    painter writer driver pilot captain soldier police officer neighbor friend stranger student
    child baby boy girl woman man king queen prince manager boss waiter chef baker actor engineer
    guest parents children people someone everybody nobody john mary peter susan david linda
    george alice thomas emily frank julia henry sophie
""")
THINGS = _items("""
    book letter phone window money paper pencil ticket key watch coat shirt shoe jacket dress
    bread cheese butter sugar coffee tea milk water juice apple banana potato tomato onion chicken
    beef soup salad sandwich breakfast lunch dinner river mountain forest beach ocean island
    desert garden park street road bridge station airport hospital school college church library
    museum office factory shop market restaurant kitchen bathroom bedroom village city country
    border computer keyboard screen camera radio television music song picture movie story
    newspaper question answer problem idea plan reason number minute hour morning evening week
    month year summer winter spring autumn weather rain snow wind storm cloud sunshine moon planet
    engine bicycle train bus taxi ship horse cow sheep cat mouse bird snake frog spider lion tiger
    elephant monkey rabbit feather leather cotton wool silver gold iron stone sand glass wood fire
    smoke oil medicine fever headache finger shoulder knee stomach heart brain blood bone skin
    tooth tongue voice noise silence language grammar history science business company government
    election tax price contract insurance holiday journey luggage passport birthday wedding
    present party game football tennis chess victory
""")
VERBS = _items("""
    found lost bought sold carried dropped forgot remembered watched heard opened closed broke
    fixed cleaned washed painted described explained answered followed visited avoided finished
    started changed borrowed stole hid sent received wrote read copied printed ordered cooked ate
    drank tasted loved hated needed wanted enjoyed missed touched pushed pulled threw caught
    kicked shared saved mentioned discussed recorded measured planned checked counted
""")
ADJECTIVES = _items("""
    happy sad angry tired hungry thirsty busy lazy clever stupid honest famous rich poor young old
    early late fast slow quick quiet loud bright dark heavy light soft hard hot cold warm cool dry
    wet clean dirty empty full cheap expensive easy difficult simple strange normal important
    dangerous safe healthy sick beautiful ugly fresh sour sweet bitter perfect terrible wonderful
    awful foreign local ancient modern public private serious funny sharp rough smooth thick loose
    tight nervous careful
""")
ADVERBS = _items("""
    yesterday today tomorrow tonight usually never always often sometimes quickly slowly carefully
    suddenly finally probably perhaps already again together alone outside upstairs everywhere
    almost clearly recently immediately without thinking very much later
""")
PLACES = _items(
    """
    at home | at work | in the city | near the river | across the street | by the sea | in the
    morning | after lunch | before dinner | during the meeting | on monday | last tuesday | next
    thursday | in january | since september | at half past eleven | for twenty minutes | around
    midnight | over the weekend | on the phone | without any help | because of the weather | in
    spite of the noise | for no reason | from the airport | with his brother | with her mother |
    between the houses | through the forest | against the wall
    """,
    "|",
)
PHRASES = _items(
    """
    what time is it | how are you today | thank you very much | what is the weather like | call my
    mother please | turn off the lights | play some music | stop | hello | good morning | good night
    | where is the nearest station | how much does it cost | i do not understand | could you say
    that again | i am not sure | yes of course | no thanks | see you tomorrow | set a timer for ten
    minutes | remind me to buy milk | open the window | close the door | i have no idea what you
    mean | it does not matter | never mind | be careful | wait a moment | that is not what i meant |
    what is your name | my name is not important | tell me a joke | who won the game | send a
    message to my boss | turn up the volume | how far is the moon | when does the train leave | i
    would like to go home | i want to sleep | can you help me | please make it stop | show me the
    way | give me a break | make up your mind | draw your own conclusions | create a new account | i
    need some rest | build trust | we ran out of paper | the meeting was moved to friday | happy
    birthday to you | this is a test | one two three four five six seven eight nine ten | testing
    testing one two | excuse me | i am sorry about that | do not touch it | are you still there |
    let us begin | the quick brown fox jumps over the lazy dog
    """,
    "|",
)

_ONSETS = _items("""
    b bl br ch d dr f fl fr g gl gr h j k kl kr l m n p pl pr qu r s sh sk sl sm sn sp st str sw t
    th thr tr tw v w y z
""")
_VOWELS = _items("a e i o u ai ee oa oo ou ow oy ar er or ir igh aw")
_CODAS = _items("b ck d ff g l ll m mp n nd ng nk nt p r rd rk s sh sk ss st t th x z ld lt")


def _pseudo_word(rng: random.Random) -> str:
    """Make a word of no language, for phones in unusual company."""
    syllables = rng.choice((1, 1, 2, 2, 3))
    syllables_said = []
    for _ in range(syllables):
        coda = rng.choice(_CODAS) if rng.random() < 0.5 else ""
        syllables_said.append(rng.choice(_ONSETS) + rng.choice(_VOWELS) + coda)
    return "".join(syllables_said)


def _sentence(rng: random.Random) -> str:
    person, other = rng.choice(PEOPLE), rng.choice(PEOPLE)
    thing, second, verb = rng.choice(THINGS), rng.choice(THINGS), rng.choice(VERBS)
    adjective, place, adverb = rng.choice(ADJECTIVES), rng.choice(PLACES), rng.choice(ADVERBS)
    return rng.choice((
        f"the {person} {verb} the {thing} {place}",
        f"my {person} {verb} a {adjective} {thing}",
        f"{adverb} the {adjective} {person} {verb} my {thing}",
        f"is the {thing} {adjective} or {rng.choice(ADJECTIVES)}",
        f"i {verb} your {thing} and the {second} {adverb}",
        f"we never {verb} the {second} {place}",
        f"please tell the {person} about the {thing}",
        f"why did the {person} talk to the {other} {place}",
        f"{place} the {person} and the {other} {verb} it",
        f"there was no {thing} {place}",
        f"the {adjective} {thing} belongs to my {person}",
        f"{thing} {second} {adjective} {person}",
        f"did you see the {person} with the {thing}",
        f"i think that {thing} is too {adjective} for her",
        f"give the {thing} to the {person}",
        f"i would like some {thing} {place}",
    ))  # fmt: skip


def sample_other(rng: random.Random, pseudo_words: bool = True) -> str:
    """Draw an utterance that describes no object of the language."""
    while True:
        draw = rng.random()
        if draw < 0.52:
            text = _sentence(rng)
        elif draw < 0.62:
            text = rng.choice(PHRASES)
        elif draw < 0.72:  # a carrier of the language, but no object of it
            thing = rng.choice(THINGS)
            text = f"{rng.choice(CARRIERS)} {rng.choice(('a', 'the', 'some'))} {thing}"
        elif draw < 0.92 or not pseudo_words:
            text = " ".join(rng.sample(vocabulary(), rng.randint(2, 8)))
        else:
            text = " ".join(_pseudo_word(rng) for _ in range(rng.randint(1, 5)))
        text = " ".join(text.split())
        try:
            parse_scene(text)
        except DescriptionError:
            return text
