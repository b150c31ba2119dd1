"""What filters can name. The first group follows the MLCommons hazard taxonomy (its numbers in the titles)."""

from runtime.safety.filters import Category
from runtime.words import Words

VIOLENT_CRIMES = Category("violent_crimes", Words("Violent crimes (S1)", "暴力犯罪（S1）"))
NON_VIOLENT_CRIMES = Category("non_violent_crimes", Words("Non-violent crimes (S2)", "非暴力犯罪（S2）"))
SEX_CRIMES = Category("sex_crimes", Words("Sex-related crimes (S3)", "性犯罪（S3）"))
CHILD_EXPLOITATION = Category(
    "child_exploitation", Words("Child sexual exploitation (S4)", "儿童性剥削（S4）")
)
DEFAMATION = Category("defamation", Words("Defamation (S5)", "诽谤（S5）"))
SPECIALIZED_ADVICE = Category("specialized_advice", Words("Specialised advice (S6)", "专业建议（S6）"))
PRIVACY = Category("privacy", Words("Privacy (S7)", "隐私（S7）"))
INTELLECTUAL_PROPERTY = Category(
    "intellectual_property", Words("Intellectual property (S8)", "知识产权（S8）")
)
WEAPONS = Category("indiscriminate_weapons", Words("Indiscriminate weapons (S9)", "大规模杀伤性武器（S9）"))
HATE = Category("hate", Words("Hate (S10)", "仇恨（S10）"))
SELF_HARM = Category("self_harm", Words("Suicide and self-harm (S11)", "自杀与自残（S11）"))
SEXUAL_CONTENT = Category("sexual_content", Words("Sexual content (S12)", "色情内容（S12）"))
ELECTIONS = Category("elections", Words("Elections (S13)", "选举（S13）"))
CODE_ABUSE = Category("code_abuse", Words("Abuse of code interpreters (S14)", "滥用代码解释器（S14）"))
PROFANITY = Category("profanity", Words("Swearing and insults", "粗口与辱骂"))
LISTED = Category("listed", Words("On a list of this installation", "命中本机构词表"))
ON_TOPIC = Category("on_topic", Words("About a topic on the list", "涉及列表中的话题"))
OFF_TOPIC = Category("off_topic", Words("About none of the topics on the list", "不涉及列表中的任何话题"))

PROMPT_INJECTION = Category(
    "prompt_injection", Words("Instructions that override the author's", "覆盖作者指令")
)
JAILBREAK = Category("jailbreak", Words("Talking a model out of its limits", "诱导模型突破限制"))
DATA_EXFILTRATION = Category(
    "data_exfiltration", Words("Drawing out hidden text or data", "套取隐藏文本或数据")
)
MODEL_ATTACK = Category("model_attack", Words("Attack on the model", "针对模型的攻击"))

ENCODED = Category(
    "encoded", Words("Encoded text too long or too deep to be read", "编码文本过长或嵌套过深，无法读取")
)

EMAIL = Category("email", Words("E-mail address", "电子邮箱"))
PHONE = Category("phone", Words("Phone number", "电话号码"))
ID_CARD = Category("id_card", Words("Identity card or social security number", "身份证号或社会保障号"))
BANK_CARD = Category("bank_card", Words("Bank card number", "银行卡号"))
IBAN = Category("iban", Words("Bank account (IBAN)", "国际银行账号（IBAN）"))
ADDRESS = Category("address", Words("Postal address", "通信地址"))

API_KEY = Category("api_key", Words("Access key", "访问密钥"))
PRIVATE_KEY = Category("private_key", Words("Private key", "私钥"))
PASSWORD = Category("password", Words("Password", "密码"))

FACE = Category("face", Words("A face", "人脸"))
UNREADABLE = Category("unreadable", Words("Writing in a picture that cannot be read", "图像中无法识读的文字"))
UNHEARD = Category("unheard", Words("Speech that cannot be understood", "无法听懂的语音"))
