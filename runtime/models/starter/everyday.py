"""Everyday: what people ask for first, and what they call it where the sources have longer names."""

# Short names of the subjects that come before all others, however like another one is (`NEAREST_FIRST` in `data.py`).
_FIRST = """
    cat2 smiley_cat dog2 rabbit2 rabbit elephant giraffe_face koala crab shark camel goat sheep llama leopard donkey flamingo swan
    dove_of_peace goose hamster polar_bear seal shell spider_web worm lion_face tiger monkey bear panda_face fox_face wolf
    owl butterfly bee spider snail dolphin whale octopus fish bird horse cow pig chicken duck penguin frog turtle snake
    mouse dragon t-rex
    cherry_blossom lotus hibiscus leaves christmas_tree deciduous_tree palm_tree cactus sunflower tulip rose mushroom
    apple lemon pear strawberry watermelon banana grapes peach mango potato garlic onion carrot tomato corn broccoli
    pizza hamburger bread cheese_wedge baguette_bread bagel pancakes poultry_leg bacon hotdog burrito egg stew butter salt
    rice rice_ball curry spaghetti moon_cake dumpling sushi fries popcorn icecream ice_cream cookie pie candy cake birthday
    doughnut chocolate_bar lollipop honey_pot baby_bottle glass_of_milk coffee tea sake wine_glass cocktail beer bubble_tea
    knife_fork_plate spoon hocho jar
    mountain rock house bank school hospital european_castle fountain ferris_wheel tent minibus bike car bus truck train
    tractor taxi airplane helicopter rocket boat speedboat ship anchor luggage stopwatch alarm_clock hourglass watch
    full_moon crescent_moon sunny ringed_planet star cloud rain_cloud lightning tornado snowflake snowman comet
    rainbow fire droplet umbrella balloon gift
    first_place_medal soccer football tennis baseball basketball volleyball badminton_racquet_and_shuttlecock game_die art
    kite teddy_bear guitar violin musical_keyboard trumpet drum_with_drumsticks flute microphone
    lab_coat shirt coat socks kimono dress jeans necktie handbag mans_shoe athletic_shoe boot crown tophat womans_hat
    eyeglasses ring bell radio tv computer iphone battery keyboard cd camera candle bulb book closed_book newspaper pencil2 lower_left_fountain_pen
    coin moneybag package mailbox memo clipboard round_pushpin paperclip scissors straight_ruler wastebasket lock key old_key
    hammer axe pick shield bomb carpentry_saw wrench gear scales magnet ladder link test_tube telescope microscope syringe
    pill adhesive_bandage bed chair door mirror window toilet shower bathtub toothbrush bucket broom basket roll_of_paper
    soap sponge shopping_trolley
    heart broken_heart grinning joy heart_eyes wink thinking_face cry angry nerd_face sleeping sunglasses sob scream
    kissing_heart robot_face ghost alien skull
"""
FIRST: tuple[str, ...] = tuple(_FIRST.split())

# Short name of the subject: what it is called besides, in English and in Chinese. Nothing else in the world has these names.
EVERYDAY: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "adhesive_bandage": (("plaster", "bandage"), ()),
    "airplane": (("plane",), ()),
    "alarm_clock": (("clock",), ("钟", "时钟")),
    "apple": (("apple",), ("苹果",)),
    "athletic_shoe": (("sneaker", "sneakers"), ("运动鞋",)),
    "badminton_racquet_and_shuttlecock": (("badminton racket",), ()),
    "beer": (("beer",), ()),
    "bike": (("bicycle", "bike"), ("单车",)),
    "birthday": (("birthday cake",), ()),
    "boat": (("boat",), ("小船",)),
    "book": (("book",), ("书", "书本")),
    "bridge_at_night": ((), ("桥",)),
    "bulb": (("lamp", "bulb"), ("灯",)),
    "cake": (("cake",), ("蛋糕",)),
    "camel": (("camel",), ("骆驼",)),
    "car": (("car", "red car"), ("轿车",)),
    "carpentry_saw": (("saw",), ("锯子",)),
    "cat2": (("kitty", "kitten"), ("猫咪", "小猫", "小猫咪")),
    "cd": (("cd",), ()),
    "cheese_wedge": (("cheese",), ("奶酪",)),
    "chocolate_bar": (("chocolate",), ()),
    "closed_book": (("red book",), ()),
    "cocktail": (("cocktail",), ()),
    "coffee": (("coffee", "cup of coffee"), ("咖啡", "一杯咖啡")),
    "computer": (("computer",), ("电脑",)),
    "corn": (("corn",), ()),
    "cow": (("cow",), ("奶牛", "牛")),
    "crab": ((), ("螃蟹",)),
    "crescent_moon": (("moon",), ("月亮",)),
    "cry": (("sad face",), ("哭脸",)),
    "deciduous_tree": (("tree",), ("树", "大树")),
    "dog2": (("puppy", "doggy"), ("小狗", "狗狗")),
    "droplet": (("water",), ("水",)),
    "drum_with_drumsticks": (("drum",), ("鼓",)),
    "dumpling": (("dumplings",), ("水饺",)),
    "egg": (("egg",), ("鸡蛋",)),
    "european_castle": (("castle",), ("城堡",)),
    "full_moon": ((), ("圆月",)),
    "garlic": ((), ("大蒜",)),
    "gift": (("gift", "present"), ()),
    "glass_of_milk": (("milk",), ("牛奶",)),
    "grinning": (("face", "smile", "smiley face", "happy face"), ("笑脸", "微笑")),
    "heart": (("heart",), ("心", "爱心", "红心")),
    "hibiscus": (("flower",), ("花", "花朵")),
    "hocho": (("knife",), ("刀",)),
    "horse": (("horse",), ("马",)),
    "house": (("home",), ("家", "屋子")),
    "iphone": (("phone", "smartphone"), ("智能手机",)),
    "leaves": (("leaf",), ("叶子",)),
    "lock": (("lock", "padlock"), ("锁",)),
    "lower_left_fountain_pen": (("pen",), ("笔", "钢笔")),
    "mans_shoe": (("shoe", "shoes"), ("鞋", "鞋子")),
    "moneybag": (("money",), ("钱",)),
    "mouse": (("mouse",), ("老鼠",)),
    "musical_keyboard": (("piano",), ("钢琴",)),
    "musical_note": (("music",), ("音乐",)),
    "old_key": ((), ("旧钥匙",)),
    "peach": ((), ("桃子",)),
    "pig": (("pig",), ("猪",)),
    "pizza": (("pizza",), ("比萨",)),
    "poultry_leg": (("chicken leg", "drumstick"), ("鸡腿",)),
    "rabbit2": (("bunny",), ("兔",)),
    "rain_cloud": (("rain",), ("雨",)),
    "rice": (("rice", "bowl of rice"), ("一碗米饭",)),
    "sauropod": (("dinosaur",), ("恐龙",)),
    "sheep": (("sheep",), ("绵羊", "羊")),
    "shell": (("shell", "seashell"), ("贝壳",)),
    "ship": (("cruise ship",), ("轮船",)),
    "shirt": (("t-shirt", "shirt", "tee"), ("衬衫", "t恤衫")),
    "shopping_trolley": (("shopping cart",), ()),
    "smiley_cat": (("smiling cat", "happy cat", "cat face"), ("微笑的猫", "笑脸猫", "猫脸")),
    "snowflake": (("snow",), ("雪",)),
    "snowman": (("snowman",), ("雪人",)),
    "soccer": (("ball", "soccer ball"), ("球",)),
    "spaghetti": (("pasta", "noodles"), ("意大利面", "面条")),
    "spoon": ((), ("勺子",)),
    "sunny": (("sun",), ()),
    "sunrise": (("sunrise",), ("日出",)),
    "tea": (("tea", "cup of tea"), ("茶", "一杯茶")),
    "tophat": (("hat",), ("帽子",)),
    "train": (("train",), ("火车",)),
    "truck": (("truck",), ("卡车",)),
    "turtle": (("tortoise",), ("乌龟",)),
    "tv": (("tv", "television"), ("电视",)),
    "umbrella": (("umbrella",), ("雨伞",)),
    "video_game": (("game",), ("游戏",)),
    "wastebasket": (("trash can", "bin"), ()),
    "whale": (("whale",), ("鲸鱼",)),
    "wine_glass": (("wine", "glass of wine"), ("红酒", "酒杯")),
}
