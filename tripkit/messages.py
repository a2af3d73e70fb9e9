"""All that users read, in English and Korean, by code; and the small grammar that the texts need.

Texts are filled with `str.format`: details are named, and both languages use the same names.
Korean speaks politely (해요체) and puts no particle directly after a detail, whose last sound it
cannot know, unless `particle` chose it.
"""

import re

LANGUAGES = ("en", "ko")


class Phrase:
    """A detail that is itself a text of this catalogue, said in the language of its sentence."""

    def __init__(self, code: str, /, **details):
        self.code, self.details = code, details

    def __str__(self):
        return text(self.code, "en", **self.details)

    def __repr__(self):
        return f"Phrase({self.code!r}, **{self.details!r})"

    def __eq__(self, other):
        return isinstance(other, Phrase) and repr(self) == repr(other)

    def __hash__(self):
        return hash(repr(self))


def text(code: str, language: str, /, **details) -> str:
    """The text of ``code`` in ``language`` (``"en"`` or ``"ko"``), its fields filled from details.

    Raises:
        KeyError: the code or the language is unknown, or a field of the text is not given.
    """
    said = {
        name: text(value.code, language, **value.details) if isinstance(value, Phrase) else value
        for name, value in details.items()
    }
    return MESSAGES[code][language].format(**said)


def particle(word: str, pair: str) -> str:
    """The one of ``pair`` (``"이/가"``, ``"은/는"``, ``"을/를"``) that follows ``word`` in Korean.

    The first is for a final consonant. Hangul tells it by its code point, digits as they are read
    (``3`` is 삼), Latin letters roughly as Korean writes their sounds (``park`` is 파크). A closing
    ``(...)`` and punctuation are looked through; after anything else both are given: ``이(가)``.
    """
    with_consonant, without = pair.split("/")
    ending = re.sub(r"\s*\([^()]*\)\W*$", "", word)
    ending = re.sub(r"[\W_]+$", "", ending)[-3:]
    last = ending[-1:]
    if "가" <= last <= "힣":
        closed = (ord(last) - ord("가")) % 28 > 0
    elif last.isascii() and last.isdigit():
        closed = last in "013678"
    elif last.isascii() and last.isalpha():
        closed = _closed_latin(ending)
    else:
        return f"{with_consonant}({without})"
    return with_consonant if closed else without


def _closed_latin(ending: str) -> bool:
    if ending[-2:].isupper() or len(ending) == 1:  # spelled out: KTX, SNS, B
        return ending[-1] in "LMNRlmnr"
    # Stops close a syllable only after one vowel: "book" 북, but "park" 파크, "lake" 레이크.
    return re.search(r"([lmn]|ng|[aeiou]ck|[aeiou][bckpt])$", ending.lower()) is not None


def article(words: str) -> str:
    """``"a"`` or ``"an"``, whichever goes before ``words`` in English."""
    vowel = re.match(r"[aeiou]|hour|honest|heir|8|1[18]\b", words.lower())
    consonant = re.match(r"uni|use|usual|eu|one\b|once\b", words.lower())
    return "an" if vowel and not consonant else "a"


MESSAGES = {
    # ---- error: what the user asked for --------------------------------------------------------
    "error.empty_request": {
        "en": "The request is empty. Write one sentence on the trip you have in mind, for example "
        "“Recommend a spring picnic with friends.”",
        "ko": "요청이 비어 있어요. 어떤 여행을 원하는지 한 문장으로 적어 주세요. "
        "예: “친구와 봄 소풍을 갈 만한 여행지를 추천해줘.”",
    },
    "error.request_too_long": {
        "en": "The request has {length} characters; at most {limit} are allowed. Shorten it.",
        "ko": "요청이 {length}자예요. {limit}자까지 쓸 수 있으니 조금 줄여 주세요.",
    },
    "error.empty_prompt": {
        "en": "The prompt is empty. Describe the picture in a few words, or press a trip again.",
        "ko": "프롬프트가 비어 있어요. 그릴 장면을 몇 마디로 적거나 여행 버튼을 다시 눌러 주세요.",
    },
    "error.prompt_too_long": {
        "en": "The prompt has {length} characters; this model reads at most {limit}. Shorten it.",
        "ko": "프롬프트가 {length}자예요. 이 모델은 {limit}자까지 읽으니 조금 줄여 주세요.",
    },
    "error.bad_prediction_type": {
        "en": "The prediction type is {got}; allowed are {allowed}. Choose the one that the "
        "network was trained with.",
        "ko": "예측 종류로 {got} 값을 받았어요. 쓸 수 있는 값은 {allowed}예요. 네트워크를 학습할 "
        "때 쓴 종류를 골라 주세요.",
    },
    "error.bad_steps": {
        "en": "The number of steps is {got}; it can be 1 to {limit}, the steps of the training. "
        "Give a number in that range: 10 or 20 is enough for DDIM.",
        "ko": "단계 수로 {got} 값을 받았어요. 1부터 학습 단계 수인 {limit}까지 쓸 수 있어요. "
        "DDIM이라면 10이나 20이면 충분해요.",
    },
    "error.bad_eta": {
        "en": "Eta is {got}; it can be 0 (no noise is added) to 1 (as much as in DDPM). "
        "Give a number in that range.",
        "ko": "에타로 {got} 값을 받았어요. 0(노이즈를 더하지 않음)부터 1(DDPM만큼 더함)까지의 "
        "수를 넣어 주세요.",
    },
    "error.bad_digits": {
        "en": "Got {got}; pictures of digits are float tensors of shape (N, 1, 28, 28) with values "
        "of -1 to 1. Digits.tensors() gives them so; clamp(-1, 1) cuts a model's output.",
        "ko": "{got} 값을 받았어요. 숫자 그림은 모양이 (N, 1, 28, 28)이고 값이 -1부터 1까지인 "
        "실수 텐서여야 해요. Digits.tensors()로 만들거나, 모델의 출력이라면 clamp(-1, 1)로 잘라 "
        "주세요.",
    },
    "error.too_few_pictures": {
        "en": "Got {got} pictures and k = {k}; k is at least 1 and smaller than the number of "
        "pictures. Give more pictures, or a smaller k.",
        "ko": "그림 {got}장과 k = {k} 값을 받았어요. k는 1 이상이고 그림 수보다 작아야 해요. "
        "그림을 늘리거나 k를 줄여 주세요.",
    },
    "error.bad_seed": {
        "en": "The seed is {seed}; a seed is a whole number from 0 to {limit}. "
        "Give such a number, or leave it empty for a new one.",
        "ko": "시드로 {seed} 값을 받았어요. 0부터 {limit}까지의 정수를 넣거나, "
        "비워 두면 새 시드를 골라 드려요.",
    },
    "error.bad_choice": {
        "en": "The choice is {choice}; a trip is chosen by a whole number from 0 to {last}. "
        "Give one of these.",
        "ko": "선택으로 {choice} 값을 받았어요. 여행은 0부터 {last}까지의 정수로 골라 주세요.",
    },
    "error.bad_color": {
        "en": "{color} is not a colour. Write hex like #ffb6c1, or three whole numbers from 0 to "
        "255.",
        "ko": "{color} 값은 색이 아니에요. #ffb6c1 같은 16진수나 0부터 255까지의 정수 세 개로 "
        "적어 주세요.",
    },
    "error.unknown_language": {
        "en": "The language is {language}; tripkit speaks {known}. Choose one of these.",
        "ko": "언어로 {language} 값을 받았어요. {known} 중에서 골라 주세요.",
    },
    "error.unknown_planner": {
        "en": "There is no planner named {name}; there are {known}. Choose one of these.",
        "ko": "{name}: 이런 이름의 플래너가 없어요. {known} 중에서 골라 주세요.",
    },
    "error.unknown_backend": {
        "en": "There is no image model named {name}; there are {known}, or any diffusers "
        "text-to-image model by its folder or hub id. Choose one of these.",
        "ko": "{name}: 이런 이름의 이미지 모델이 없어요. {known} 중에서 고르거나 diffusers "
        "텍스트-이미지 모델의 폴더 또는 허브 id를 적어 주세요.",
    },
    "error.bad_option": {
        "en": "The option {option} is {value}; allowed: {known}. Choose one of these.",
        "ko": "{option} 옵션으로 {value} 값을 받았어요. {known} 중에서 골라 주세요.",
    },
    "error.bad_base_url": {
        "en": "{variable} is not an address. Write one that begins with http:// or https://, for "
        "example http://127.0.0.1:11434/v1, or remove the variable to use OpenAI.",
        "ko": "{variable} 값이 주소가 아니에요. http://127.0.0.1:11434/v1 처럼 http:// 또는 "
        "https://로 "
        "시작하게 적거나, OpenAI를 쓰려면 이 변수를 지워 주세요.",
    },
    "error.bad_threads": {
        "en": "{variable} is {value}; it must be a whole number from 1 to 1024. "
        "Correct it, or remove the variable.",
        "ko": "{variable} 환경 변수에는 {value} 값을 쓸 수 없어요. 1부터 1024까지의 정수로 "
        "고치거나 이 변수를 지워 "
        "주세요.",
    },
    # ---- error: the plan -----------------------------------------------------------------------
    "error.bad_plan": {
        "en": "The plan cannot be used: {problem} "
        "A plan has three different trips of at least three coloured stops. Ask again.",
        "ko": "이 여행 계획은 쓸 수 없어요. {problem} "
        "계획에는 색이 있는 경유지가 셋 이상인 서로 다른 여행 세 가지가 필요해요. 다시 요청해 "
        "주세요.",
    },
    "problem.missing": {
        "en": "{field} is missing.",
        "ko": "{field} 항목이 빠져 있어요.",
    },
    "problem.extra_forbidden": {
        "en": "{field} is not a field of a plan.",
        "ko": "{field} 항목은 계획에 없는 항목이에요.",
    },
    "problem.count": {
        "en": "{field} has {count} entries instead of {wanted}.",
        "ko": "{field} 항목의 개수가 {count}개예요. {wanted}개여야 해요.",
    },
    "problem.rgb": {
        "en": "{field} is {got}; a colour is three whole numbers from 0 to 255.",
        "ko": "{field}에 {got} 값이 있어요. 색은 0부터 255까지의 정수 세 개예요.",
    },
    "problem.string_empty": {
        "en": "{field} is empty.",
        "ko": "{field} 항목이 비어 있어요.",
    },
    "problem.string_too_long": {
        "en": "{field} is longer than {limit} characters.",
        "ko": "{field} 항목이 {limit}자를 넘어요.",
    },
    "problem.same_stops": {
        "en": "{field} goes to the same place twice.",
        "ko": "{field} 여행이 같은 곳에 두 번 들러요.",
    },
    "problem.same_trips": {
        "en": "Two trips of the {field} are the same.",
        "ko": "{field} 안에 같은 여행이 둘 있어요.",
    },
    "problem.unknown_note": {
        "en": "{field} is not the code of a message.",
        "ko": "{field} 값은 메시지 코드가 아니에요.",
    },
    "problem.other": {
        "en": "{field} is {got}, which is not allowed there.",
        "ko": "{field} 항목에는 {got} 값을 쓸 수 없어요.",
    },
    # ---- problem: why a file could not be written or read ----------------------------------------
    "problem.disk_full": {"en": "the disk is full", "ko": "디스크가 가득 찼어요"},
    "problem.no_permission": {"en": "writing is not allowed", "ko": "쓰기 권한이 없어요"},
    "problem.not_a_folder": {"en": "it is not a folder", "ko": "폴더가 아니에요"},
    "problem.no_such_file": {"en": "it is not there", "ko": "그 자리에 없어요"},
    "problem.not_a_postcard": {
        "en": "it is not a postcard of tripkit",
        "ko": "tripkit 엽서가 아니에요",
    },
    "problem.unreadable": {"en": "it cannot be read", "ko": "읽을 수 없어요"},
    "problem.damaged": {"en": "it is damaged", "ko": "손상됐어요"},
    # ---- problem: why a download cannot be used --------------------------------------------------
    "problem.no_connection": {"en": "no connection", "ko": "연결되지 않아요"},
    "problem.too_slow": {
        "en": "not there within {seconds} seconds",
        "ko": "{seconds}초 안에 오지 않았어요",
    },
    "problem.http_status": {"en": "HTTP status {status}", "ko": "HTTP 상태 코드 {status}"},
    "problem.certificate": {
        "en": "its certificate cannot be checked (on macOS, run Install Certificates.command "
        "of your Python)",
        "ko": "인증서를 확인할 수 없어요(macOS에서는 Python의 Install Certificates.command를 "
        "실행하세요)",
    },
    "problem.incomplete": {"en": "it is incomplete", "ko": "중간에 끊겼어요"},
    "problem.too_large": {
        "en": "it is larger than {wanted} bytes",
        "ko": "{wanted}바이트보다 커요",
    },
    "problem.wrong_checksum": {"en": "its checksum is wrong", "ko": "체크섬이 달라요"},
    "problem.something_else": {
        "en": "it is something else (a Wi-Fi login page, perhaps)",
        "ko": "다른 파일이에요(와이파이 로그인 페이지일 수도 있어요)",
    },
    "problem.at": {"en": "{place}: {reason}", "ko": "{place}: {reason}"},
    "problem.and": {"en": "{first}; {then}", "ko": "{first}, {then}"},
    "problem.idx_magic": {
        "en": "it begins with the bytes {got} instead of 00 00 08 and the number of dimensions",
        "ko": "00 00 08과 차원 수로 시작해야 하는데 {got} 바이트로 시작해요",
    },
    "problem.idx_size": {
        "en": "it has {got} bytes where its head promises {wanted}",
        "ko": "머리말에 적힌 크기는 {wanted}바이트인데 실제로는 {got}바이트예요",
    },
    # ---- error: keys ---------------------------------------------------------------------------
    "error.key_missing": {
        "en": "{service} needs a key, and {variable} is not set. Set it and start again, or choose "
        "a model of tripkit, which needs no key.",
        "ko": "{service} 서비스를 쓰려면 키가 필요한데 {variable} 환경 변수가 없어요. 키를 넣고 "
        "다시 "
        "시작하거나, 키가 필요 없는 tripkit 모델을 골라 주세요.",
    },
    "error.key_malformed": {
        "en": "{variable} holds blanks or characters that no key has. Copy the key again, "
        "without quotes or line breaks, and start again.",
        "ko": "{variable} 값에 키에 쓰이지 않는 글자나 공백이 있어요. 따옴표와 줄바꿈 없이 키를 "
        "다시 "
        "복사해 넣고 다시 시작해 주세요.",
    },
    "error.key_rejected": {
        "en": "{service} did not accept the key in {variable}. Check on its site that the key is "
        "still valid, set it again and restart, or choose a model of tripkit, which needs no key.",
        "ko": "{service} 서비스가 {variable} 키를 받아들이지 않았어요. 서비스 사이트에서 키가 아직 "
        "유효한지 확인하고 다시 넣거나, 키가 필요 없는 tripkit 모델을 골라 주세요.",
    },
    "error.not_verified": {
        "en": "{service} opens {model} only to verified organisations. Verify yours in the "
        "settings of your account, or choose the postcard model, which runs here.",
        "ko": "{service} 서비스는 인증된 조직에만 {model} 모델을 열어 줘요. 계정 설정에서 조직을 "
        "인증하거나, 이 컴퓨터에서 도는 엽서 모델을 골라 주세요.",
    },
    # ---- error: services -----------------------------------------------------------------------
    "error.region": {
        "en": "{service} does not serve this country or region. "
        "Choose a model of tripkit, which runs here.",
        "ko": "{service} 서비스는 이 국가나 지역에서 쓸 수 없어요. "
        "이 컴퓨터에서 도는 tripkit 모델을 골라 주세요.",
    },
    "error.no_network": {
        "en": "{service} cannot be reached. Check the network and try again, or choose a model of "
        "tripkit, which needs none.",
        "ko": "{service} 서비스에 연결할 수 없어요. 네트워크를 확인하고 다시 시도하거나, "
        "네트워크가 "
        "필요 없는 tripkit 모델을 골라 주세요.",
    },
    "error.timeout": {
        "en": "{service} did not answer in {seconds} seconds. Try again in a minute, or choose a "
        "model of tripkit, which runs here.",
        "ko": "{service} 서비스가 {seconds}초 안에 답하지 않았어요. 잠시 뒤에 다시 시도하거나, 이 "
        "컴퓨터에서 도는 tripkit 모델을 골라 주세요.",
    },
    "error.rate_limited": {
        "en": "{service} has had too many requests from this key. Wait a minute and try again.",
        "ko": "이 키로 {service} 서비스에 요청이 너무 많이 갔어요. 1분쯤 기다렸다가 다시 시도해 "
        "주세요.",
    },
    "error.out_of_money": {
        "en": "The account at {service} has no credit left, or has reached its limit. Add credit "
        "or raise the limit on its site, or choose a model of tripkit, which costs nothing.",
        "ko": "{service} 계정의 잔액이 없거나 한도에 이르렀어요. 서비스 사이트에서 충전하거나 "
        "한도를 "
        "올리고, 아니면 무료인 tripkit 모델을 골라 주세요.",
    },
    "error.overloaded": {
        "en": "{service} is overloaded or out of order. Try again in a minute, or choose a model "
        "of "
        "tripkit, which runs here.",
        "ko": "{service} 서비스가 붐비거나 장애가 있어요. 잠시 뒤에 다시 시도하거나, 이 컴퓨터에서 "
        "도는 tripkit 모델을 골라 주세요.",
    },
    "error.moderation": {
        "en": "{service} refused this text under its content rules. Word it differently and try "
        "again.",
        "ko": "{service} 서비스가 콘텐츠 정책에 따라 이 문장을 거절했어요. 표현을 바꿔 다시 시도해 "
        "주세요.",
    },
    "error.refusal": {
        "en": "The model {model} declined to answer. Word the request differently and try again.",
        "ko": "{model} 모델이 답하지 않겠다고 했어요. 표현을 바꿔 다시 요청해 주세요.",
    },
    "error.truncated": {
        "en": "The answer of {model} broke off before its end. Try again, with a shorter request "
        "if "
        "it happens again.",
        "ko": "{model} 모델의 답이 중간에 끊겼어요. 다시 시도해 보고, 또 끊기면 요청을 줄여 "
        "주세요.",
    },
    "error.bad_request": {
        "en": "{service} did not accept the request for {model}. Check that this model does what "
        "was asked of it, or choose another.",
        "ko": "{service} 서비스가 {model} 모델에 보낸 요청을 받아들이지 않았어요. 이 모델이 할 "
        "수 있는 "
        "일인지 확인하거나 다른 모델을 골라 주세요.",
    },
    "error.endpoint_missing": {
        "en": "The server answered that this address does not exist. Check {variable}: it usually "
        "ends with /v1.",
        "ko": "서버에 이 주소가 없다고 해요. {variable} 값을 확인해 주세요. 보통 /v1로 끝나요.",
    },
    "error.bad_picture": {
        "en": "{service} answered with something that is not a usable picture. Try again, or "
        "choose "
        "another model.",
        "ko": "{service} 서비스가 쓸 수 있는 그림을 보내지 않았어요. 다시 시도하거나 다른 모델을 "
        "골라 "
        "주세요.",
    },
    "error.forbidden": {
        "en": "{service} does not let this key use {model}. Check the key's permissions on its "
        "site, or choose another model.",
        "ko": "{service} 서비스에서 이 키로는 {model} 모델을 쓸 수 없어요. 서비스 사이트에서 키의 "
        "권한을 확인하거나 다른 모델을 골라 주세요.",
    },
    "error.server_unreachable": {
        "en": "There is no answer from {service}. Start the server there, or correct {variable}; "
        "without that variable OpenAI is asked.",
        "ko": "{service} 서버에 연결할 수 없어요. 서버를 켜거나 {variable} 값을 고쳐 주세요. 이 "
        "변수를 지우면 OpenAI에 물어봐요.",
    },
    "error.stream_broken": {
        "en": "The connection to {service} broke before the picture was complete. The service may "
        "have charged for it. Check the network before you try again.",
        "ko": "그림이 다 오기 전에 {service} 서비스와의 연결이 끊겼어요. 요금은 나갔을 수 있으니 "
        "네트워크를 확인한 다음 다시 시도해 주세요.",
    },
    "error.bad_answer": {
        "en": "The answer for {model} does not have the form that was asked for. Try again, or "
        "choose another model.",
        "ko": "{model} 모델의 답이 요청한 형식과 달라요. 다시 시도하거나 다른 모델을 골라 주세요.",
    },
    "error.service_failed": {
        "en": "{service} failed with {kind}. Try again, or choose another model.",
        "ko": "{service} 서비스에서 {kind} 오류가 났어요. 다시 시도하거나 다른 모델을 골라 주세요.",
    },
    # ---- notes on a plan -------------------------------------------------------------------
    "plan.not_understood": {
        "en": "Nothing in the request told what kind of trip you would like, so these three are "
        "a mixed choice. Name a season, your company, a place or something to do.",
        "ko": "요청에서 어떤 여행을 원하는지 찾지 못해서 서로 다른 여행 세 가지를 골랐어요. "
        "계절, 함께 갈 사람, 가고 싶은 곳, 하고 싶은 일을 적어 주세요.",
    },
    # ---- notes on a picture ---------------------------------------------------------------
    "note.cut": {
        "en": "This model reads at most {limit} tokens. It did not read the end: {words}",
        "ko": "이 모델은 토큰을 {limit}개까지만 읽어요. 뒷부분은 읽지 못했어요: {words}",
    },
    "note.license": {
        "en": "Drawn by {model}; its license is {license}.",
        "ko": "{model} 모델이 그렸어요. 라이선스: {license}",
    },
    # ---- error: models -------------------------------------------------------------------------
    "error.unknown_model": {
        "en": "The model {id} is not known here; known are {known}. Choose one of these.",
        "ko": "{id} 모델은 여기에 없어요. {known} 중에서 골라 주세요.",
    },
    "error.model_not_found": {
        "en": "{service} has no model named {model}, or not for this key. Choose another model.",
        "ko": "{service} 서비스에 {model} 모델이 없거나 이 키로는 쓸 수 없어요. 다른 모델을 골라 "
        "주세요.",
    },
    "error.model_retired": {
        "en": "The model {model} was retired on {date}. Choose {replacement} instead.",
        "ko": "{model} 모델은 {date}에 서비스가 끝났어요. 대신 {replacement} 모델을 골라 주세요.",
    },
    "error.model_without_api": {
        "en": "{service} has no public API, so tripkit cannot draw with it. Choose another model.",
        "ko": "{service} 서비스에는 공개 API가 없어서 tripkit에서 쓸 수 없어요. 다른 모델을 골라 "
        "주세요.",
    },
    "error.model_not_downloaded": {
        "en": "The model {model} is not on this computer and could not be downloaded. Check the "
        "name and the network and try again, or choose the postcard model, which is shipped.",
        "ko": "{model} 모델이 이 컴퓨터에 없고 내려받지도 못했어요. 이름과 네트워크를 확인하고 "
        "다시 "
        "시도하거나, 함께 설치된 엽서 모델을 골라 주세요.",
    },
    "error.model_broken": {
        "en": "The model {model} cannot be loaded ({kind}). Install or download it again, or "
        "choose "
        "another.",
        "ko": "{model} 모델을 불러올 수 없어요({kind}). 다시 설치하거나 내려받고, 아니면 다른 "
        "모델을 "
        "골라 주세요.",
    },
    "error.not_text_to_image": {
        "en": "{model} is not a text-to-image model. Choose a diffusers text-to-image model.",
        "ko": "{model}: 텍스트-이미지 모델이 아니에요. diffusers 텍스트-이미지 모델을 골라 주세요.",
    },
    "error.out_of_memory": {
        "en": "There is not enough memory for {model}. Close other programs and try again, or "
        "choose a smaller model.",
        "ko": "{model} 모델을 돌릴 메모리가 모자라요. 다른 프로그램을 닫고 다시 시도하거나 더 작은 "
        "모델을 골라 주세요.",
    },
    "error.package_missing": {
        "en": "This needs the package {package}, which is not installed. "
        "Install it with: pip install {package}",
        "ko": "{package} 패키지가 필요한데 설치되어 있지 않아요. 이렇게 설치해 주세요: "
        "pip install {package}",
    },
    # ---- error: storage, session ---------------------------------------------------------------
    "error.no_notebook": {
        "en": "The app's notebook {name} was not found: this installation holds the library only. "
        "Get the whole course (README.md) and start the app from its folder.",
        "ko": "앱 노트북 {name} 파일이 없어요. 라이브러리만 설치된 것 같아요. "
        "README.md를 보고 강의 전체를 받은 뒤 그 폴더에서 앱을 실행해 주세요.",
    },
    "error.cannot_save": {
        "en": "The file could not be saved in {folder} ({reason}). Free some space or choose "
        "another folder with TRIPKIT_POSTCARDS, then try again.",
        "ko": "{folder} 폴더에 저장하지 못했어요({reason}). 공간을 비우거나 TRIPKIT_POSTCARDS로 "
        "다른 "
        "폴더를 고른 다음 다시 시도해 주세요.",
    },
    "error.cannot_read": {
        "en": "The file {path} could not be read ({reason}). Check that it is there and is a "
        "postcard of tripkit.",
        "ko": "{path} 파일을 읽지 못했어요({reason}). 파일이 있는지, tripkit 엽서가 맞는지 확인해 "
        "주세요.",
    },
    # ---- error: data sets ----------------------------------------------------------------------
    "error.no_offline_digits": {
        "en": "The offline digits could not be read from {path} ({reason}). Install tripkit "
        'again, or use MNIST itself: load_digits(source="mnist").',
        "ko": "오프라인 숫자를 {path} 파일에서 읽지 못했어요({reason}). tripkit을 다시 설치하거나 "
        'load_digits(source="mnist")로 MNIST를 쓰세요.',
    },
    "error.mnist_not_downloaded": {
        "en": "{file} could not be downloaded ({problems}). Check the network and try again, put "
        "the file into {folder} yourself, or use the digits that come with tripkit: "
        'load_digits(source="offline").',
        "ko": "{file} 파일을 내려받지 못했어요({problems}). 네트워크를 확인하고 다시 시도하거나, "
        "파일을 직접 {folder} 폴더에 넣으세요. tripkit에 들어 있는 숫자를 쓰려면 "
        'load_digits(source="offline")라고 적으세요.',
    },
    "error.mnist_not_saved": {
        "en": "{file} could not be saved in {folder} ({reason}). Free some space or choose "
        "another folder with {variable}, then try again; "
        'load_digits(source="offline") needs neither network nor space.',
        "ko": "{file} 파일을 {folder} 폴더에 저장하지 못했어요({reason}). 공간을 비우거나 "
        "{variable} 환경 변수로 다른 폴더를 고른 다음 다시 시도해 주세요. "
        'load_digits(source="offline")에는 네트워크도 저장 공간도 필요 없어요.',
    },
    "error.bad_idx": {
        "en": "This is not an IDX file of unsigned bytes: {problem}. Unpack it if it is a .gz "
        "file, or download it again.",
        "ko": "부호 없는 바이트로 된 IDX 파일이 아니에요: {problem}. .gz 파일이면 압축을 풀고, "
        "아니면 다시 내려받으세요.",
    },
    "error.canvas_full": {
        "en": "{count} digits do not fit on a canvas of {size} x {size} pixels. Ask for fewer, "
        "or for a larger canvas.",
        "ko": "{size} x {size}픽셀 캔버스에 숫자 {count}개가 다 들어가지 않아요. 개수를 줄이거나 "
        "캔버스를 키우세요.",
    },
    "error.cancelled": {
        "en": "Stopped, as you asked. Nothing was saved; you can start again at once.",
        "ko": "요청하신 대로 멈췄어요. 저장된 것은 없고 바로 다시 시작할 수 있어요.",
    },
    "error.busy": {
        "en": "Still at work on the last request. Wait until it is done, or cancel it.",
        "ko": "아직 앞의 요청을 처리하고 있어요. 끝날 때까지 기다리거나 취소해 주세요.",
    },
    "error.nothing_to_choose": {
        "en": "There are no trips to choose from yet. Ask for a trip first.",
        "ko": "아직 고를 여행이 없어요. 먼저 여행을 요청해 주세요.",
    },
    "error.nothing_to_draw": {
        "en": "No trip has been chosen yet. Choose one of the three trips first.",
        "ko": "아직 여행을 고르지 않았어요. 세 여행 중 하나를 먼저 골라 주세요.",
    },
    "error.session_closed": {
        "en": "This session is closed. Start a new one.",
        "ko": "이 세션은 끝났어요. 새로 시작해 주세요.",
    },
    "error.unexpected": {
        "en": "Something went wrong inside tripkit ({kind}). Try again; if it happens again, "
        "please "
        "report it with what you did before.",
        "ko": "tripkit 안에서 문제가 생겼어요({kind}). 다시 시도해 보고, 또 생기면 어떻게 하다가 "
        "그랬는지 알려 주세요.",
    },
    # ---- state: where the session is -----------------------------------------------------------
    "state.idle": {"en": "Ready", "ko": "준비됐어요"},
    "state.planning": {"en": "Looking for three trips…", "ko": "여행 세 가지를 찾고 있어요…"},
    "state.choosing": {
        "en": "Choose one of the three trips",
        "ko": "세 여행 중 하나를 골라 주세요",
    },
    "state.drawing": {"en": "Drawing your postcard…", "ko": "엽서를 그리고 있어요…"},
    "state.done": {"en": "Your postcard is ready", "ko": "엽서가 완성됐어요"},
    "state.error": {"en": "That did not work", "ko": "문제가 생겼어요"},
    "state.warming": {"en": "Waking the image model…", "ko": "이미지 모델을 깨우고 있어요…"},
    "state.ready": {"en": "The image model is ready", "ko": "이미지 모델이 준비됐어요"},
    "state.failed": {
        "en": "The image model did not start",
        "ko": "이미지 모델을 시작하지 못했어요",
    },
    # launch.py
    "cli.app_address": {
        "en": "The trip app is running at {address}",
        "ko": "여행 앱이 열렸어요: {address}",
    },
    "cli.app_stop": {
        "en": "Press Ctrl+C here to stop it.",
        "ko": "멈추려면 여기에서 Ctrl+C를 누르세요.",
    },
    "cli.app_stopped": {"en": "The app has stopped.", "ko": "앱을 멈췄어요."},
    # ---- cli: the command line. English help is ASCII: it is what consoles without Hangul get ---
    "cli.help": {
        "en": "Three trips for a request, and a postcard from the one you choose. "
        "All of it runs on this computer unless you name a service.",
        "ko": "요청에 맞는 여행 세 가지를 추천하고, 고른 여행의 엽서를 그려요. "
        "다른 서비스를 고르지 않으면 모두 이 컴퓨터에서 돌아가요.",
    },
    "cli.help_plan": {"en": "Print three trips.", "ko": "여행 세 가지를 보여 줘요."},
    "cli.help_postcard": {
        "en": "Draw the postcard of one of the three trips.",
        "ko": "세 여행 중 하나의 엽서를 그려요.",
    },
    "cli.help_demo": {
        "en": "The lecture's request: three trips and postcard.png.",
        "ko": "강의의 요청으로 여행 세 가지와 postcard.png를 만들어요.",
    },
    "cli.help_app": {
        "en": "Open the trip app in the browser.",
        "ko": "여행 앱을 브라우저로 열어요.",
    },
    "cli.help_request": {"en": "What kind of trip you want.", "ko": "어떤 여행을 원하는지."},
    "cli.help_language": {
        "en": "ko or en; by default the system's.",
        "ko": "ko 또는 en. 없으면 시스템의 언어.",
    },
    "cli.help_planner": {
        "en": "Who plans: catalog, openai or openai:<model>.",
        "ko": "누가 계획할지: catalog, openai, openai:<모델>.",
    },
    "cli.help_model": {
        "en": "Who draws: postcard, openai, openai:<model>, or the folder or hub id of a diffusers "
        "model.",
        "ko": "누가 그릴지: postcard, openai, openai:<모델>, 또는 diffusers 모델의 폴더나 허브 id.",
    },
    "cli.help_choice": {"en": "Which trip: 1, 2 or 3.", "ko": "몇 번째 여행인지: 1, 2, 3."},
    "cli.help_seed": {
        "en": "The same seed and prompt give the same picture; by default a new one.",
        "ko": "시드와 프롬프트가 같으면 같은 그림이 나와요. 없으면 새 시드.",
    },
    "cli.help_demo_seed": {
        "en": "The same seed gives the same picture.",
        "ko": "시드가 같으면 같은 그림이 나와요.",
    },
    "cli.help_out": {
        "en": "The PNG to write; by default a new file in the folder postcards.",
        "ko": "저장할 PNG 파일. 없으면 postcards 폴더의 새 파일.",
    },
    "cli.help_port": {
        "en": "Where to listen; by default a free port.",
        "ko": "사용할 포트. 없으면 비어 있는 포트.",
    },
    "cli.help_json": {
        "en": "Print the plan as JSON.",
        "ko": "계획을 JSON으로 보여 줘요.",
    },
    "cli.help_no_browser": {
        "en": "Only print the address.",
        "ko": "브라우저를 열지 않고 주소만 보여 줘요.",
    },
    "cli.help_version": {"en": "Print the version.", "ko": "버전을 보여 줘요."},
    "cli.out_allowed": {
        "en": "the name of a file that ends in .png",
        "ko": ".png로 끝나는 파일 이름",
    },
    "cli.bad_usage": {
        "en": "The command could not be read ({problem}). For help run: tripkit --help",
        "ko": "명령을 이해하지 못했어요({problem}). 사용법은 tripkit --help로 볼 수 있어요.",
    },
    "cli.rescued": {
        "en": "The picture is not lost; it is in {path}",
        "ko": "그림은 사라지지 않았어요. 여기에 있어요: {path}",
    },
    # ---- app: the faces of tripkit, in the browser and on the command line ---------------------
    "app.title": {"en": "A postcard from your trip", "ko": "내 여행에서 온 엽서"},
    "app.subtitle": {
        "en": "Ask for a trip, choose one of three, and watch its postcard appear out of noise.",
        "ko": "여행을 물어보고 셋 중 하나를 고르면, 노이즈에서 엽서가 떠오르는 모습을 볼 수 "
        "있어요.",
    },
    "app.language": {"en": "Language", "ko": "언어"},
    "app.request": {"en": "Where would you like to go?", "ko": "어떤 여행을 떠나고 싶으세요?"},
    "app.request_hint": {
        "en": "For example: with whom, in which season, to do what?",
        "ko": "예: 누구와, 어느 계절에, 무엇을 하러 가나요?",
    },
    "app.ask": {"en": "Recommend three trips", "ko": "여행 세 가지 추천받기"},
    "app.example_1": {
        "en": "Recommend a place for a spring picnic with friends.",
        "ko": "친구와 봄 소풍을 갈 만한 여행지를 추천해줘.",
    },
    "app.example_2": {
        "en": "A quiet autumn weekend with my parents.",
        "ko": "부모님과 조용한 가을 주말을 보내고 싶어요.",
    },
    "app.example_3": {
        "en": "Summer at the sea with children, on a small budget.",
        "ko": "아이들과 알뜰하게 다녀올 여름 바다가 어디일까요?",
    },
    "app.example_4": {
        "en": "A romantic night view in winter.",
        "ko": "겨울 야경이 아름다운 낭만적인 여행을 추천해 주세요.",
    },
    "app.planner": {"en": "Planner", "ko": "플래너"},
    "app.image_model": {"en": "Image model", "ko": "이미지 모델"},
    "app.catalog": {
        "en": "Catalogue of tripkit (offline)",
        "ko": "tripkit 여행 카탈로그(오프라인)",
    },
    "app.postcard_model": {
        "en": "Postcard model of tripkit (offline)",
        "ko": "tripkit 엽서 모델(오프라인)",
    },
    "app.load": {"en": "Load the model now", "ko": "모델 지금 불러오기"},
    "app.warming_note": {
        "en": "You can already ask for trips; drawing starts by itself once the model is awake.",
        "ko": "그동안 여행을 물어보셔도 돼요. 모델이 깨어나면 그림은 저절로 시작돼요.",
    },
    "app.price_tokens": {
        "en": "${input} in, ${output} out per million tokens",
        "ko": "100만 토큰당 입력 ${input}, 출력 ${output}",
    },
    "app.license": {"en": "licence {license}", "ko": "라이선스 {license}"},
    "app.trips": {"en": "Three trips", "ko": "추천 여행 세 가지"},
    "app.trips_hint": {
        "en": "Press a trip, and its postcard is drawn in the colours below it.",
        "ko": "여행을 누르면 아래 색상으로 엽서를 그려요.",
    },
    "app.colors_notice": {
        "en": "The recommended colours are only a guide; real places, clothes and pictures may "
        "look different.",
        "ko": "추천 색상은 참고용이에요. 실제 장소나 옷, 그림의 색과 다를 수 있어요.",
    },
    "app.prompt": {"en": "The prompt", "ko": "프롬프트"},
    "app.prompt_hint": {
        "en": "You may change both texts. Each model reads one of them; what it gets is shown "
        "below.",
        "ko": "두 문장 모두 고칠 수 있어요. 모델은 둘 중 하나를 읽고, 실제로 보낼 글은 아래에 "
        "보여요.",
    },
    "app.scene": {
        "en": "Scene, for models that read little",
        "ko": "장면: 짧게 읽는 모델이 읽어요",
    },
    "app.full": {
        "en": "Full text, for models that read a lot",
        "ko": "전체: 길게 읽는 모델이 읽어요",
    },
    "app.sent": {"en": "What {model} will get", "ko": "{model} 모델에 보낼 글"},
    "app.sent_waiting": {
        "en": "This shows as soon as the model is loaded.",
        "ko": "모델을 불러오면 바로 보여 드려요.",
    },
    "app.draw": {"en": "Draw with this prompt", "ko": "이 프롬프트로 그리기"},
    "app.seed": {"en": "Seed", "ko": "시드"},
    "app.seed_hint": {
        "en": "The same seed and prompt give the same picture.",
        "ko": "시드와 프롬프트가 같으면 같은 그림이 나와요.",
    },
    "app.new_seed": {"en": "New seed", "ko": "새 시드"},
    "app.step": {"en": "Step {step} of {total}", "ko": "{total}단계 중 {step}단계"},
    "app.waiting_for_model": {
        "en": "Waiting for the image model to load…",
        "ko": "이미지 모델을 불러오기를 기다리고 있어요…",
    },
    "app.cancel": {"en": "Cancel", "ko": "취소"},
    "app.cancelled": {
        "en": "Cancelled. You can go on from here.",
        "ko": "취소했어요. 여기서 이어서 하시면 돼요.",
    },
    "app.error": {"en": "That did not work", "ko": "문제가 생겼어요"},
    "app.dismiss": {"en": "Close this message", "ko": "메시지 닫기"},
    "app.save_again": {"en": "Try to save again", "ko": "다시 저장하기"},
    "app.postcard": {"en": "Your postcard", "ko": "완성된 엽서"},
    "app.drawing_now": {"en": "Out of the noise", "ko": "노이즈에서 떠오르는 중"},
    "app.download": {"en": "Download the PNG", "ko": "PNG 내려받기"},
    "app.model": {"en": "Model", "ko": "모델"},
    "app.no_seed": {"en": "this model takes none", "ko": "이 모델은 시드를 쓰지 않아요"},
    "app.seconds": {"en": "Time", "ko": "시간"},
    "app.seconds_value": {"en": "{seconds} seconds", "ko": "{seconds}초"},
    "app.cost": {"en": "Cost", "ko": "비용"},
    "app.cost_paid": {"en": "${usd}", "ko": "${usd}"},
    "app.file": {"en": "File", "ko": "파일"},
    "app.not_saved": {"en": "not saved yet", "ko": "아직 저장되지 않았어요"},
    "app.palettes": {"en": "Colours asked and found", "ko": "바란 색과 그려진 색"},
    "app.asked": {"en": "Asked", "ko": "바란 색"},
    "app.found": {"en": "Nearest found", "ko": "가장 가까운 색"},
    "app.strip": {"en": "The picture's six main colours", "ko": "그림의 주요 색 여섯 가지"},
    "app.delta_hint": {
        "en": "The strip shows the picture's main colours and their shares. ΔE is the CIEDE2000 "
        "distance: 2 is hardly seen, 10 is close, above 20 is another colour.",
        "ko": "띠는 그림의 주요 색과 그 비율이에요. ΔE는 CIEDE2000 색차예요. 2는 거의 구별되지 "
        "않고 "
        "10은 비슷하며 20을 넘으면 다른 색으로 보여요.",
    },
    "app.gallery": {"en": "Postcards of this visit", "ko": "이번에 그린 엽서"},
    "app.gallery_hint": {
        "en": "All are saved in {folder}.",
        "ko": "모두 {folder} 폴더에 저장했어요.",
    },
    # ---- digits: which data set is on screen ---------------------------------------------------
    "digits.mnist": {"en": "{count} MNIST digits", "ko": "MNIST 숫자 {count}개"},
    "digits.offline": {
        "en": "{count} digits sampled from the course's own DDPM (offline set, not MNIST)",
        "ko": "이 강의의 DDPM이 그린 숫자 {count}개(오프라인 데이터이고 MNIST가 아니에요)",
    },
    # ---- service: models and what they cost ----------------------------------------------------
    "service.alive": {"en": "available", "ko": "사용 가능"},
    "service.retiring": {"en": "ends on {date}", "ko": "{date} 종료 예정"},
    "service.retired": {"en": "retired on {date}", "ko": "{date} 종료됨"},
    "service.no_api": {"en": "no public API", "ko": "공개 API 없음"},
    "service.needs_key": {"en": "needs a key ({variable})", "ko": "키 필요({variable})"},
    "service.needs_download": {"en": "needs a download", "ko": "내려받기 필요"},
    "service.ready": {"en": "ready, runs here", "ko": "준비됨, 이 컴퓨터에서 실행"},
    "service.price_free": {"en": "free", "ko": "무료"},
    "service.price_unknown": {"en": "price not known", "ko": "가격을 알 수 없음"},
    "service.price": {"en": "about ${usd} per picture", "ko": "그림 한 장에 약 ${usd}"},
    # ---- prompt: what image models read --------------------------------------------------------
    "prompt.scene": {
        "en": "{stops}: together {theme} destination",
        "ko": "{stops} 어우러진 {theme} 여행지",
    },
    "prompt.stop": {"en": "{place} ({color} {rgb})", "ko": "{place}({color} {rgb})"},
    "prompt.trip": {
        "en": "- Trip {number} [{style}] {title}: {stops}",
        "ko": "- 여행 {number} [{style}] {title}: {stops}",
    },
    "prompt.full": {
        "en": "The traveller's request: {request}\n"
        "The three recommended trips, with their colours as RGB:\n{trips}\n"
        "The traveller chose trip {number}, {title}.\n"
        "Draw one postcard of it in these colours, without any lettering: {scene}",
        "ko": "사용자의 요청: {request}\n"
        "추천한 여행 세 가지와 색상(RGB):\n{trips}\n"
        "사용자의 선택: 여행 {number}, {title}\n"
        "이 색상으로 글자 없는 엽서 한 장을 그려 주세요: {scene}",
    },
    # ---- check: the exercises of the notebooks -------------------------------------------------
    "check.not_attempted": {
        "en": "Not attempted yet: the function still returns None.",
        "ko": "아직 풀지 않았어요. 함수가 None을 돌려주고 있어요.",
    },
    "check.raised": {
        "en": "Your function stopped with an error. {problem}",
        "ko": "함수가 오류를 내고 멈췄어요. {problem}",
    },
    "check.sometimes_none": {
        "en": "For some inputs your function returns None: does every branch return something?",
        "ko": "어떤 입력에서는 None이 나와요. 모든 갈래가 값을 돌려주는지 확인해 보세요.",
    },
    "check.hint": {
        "en": "Hint {number} of {count}: {hint}",
        "ko": "힌트 {number}/{count}: {hint}",
    },
    "check.next_hint": {
        "en": "Would you like a hint? Add hint={number} to the call of the check.",
        "ko": "힌트가 필요하면 검사 함수에 hint={number} 인자를 더해 부르세요.",
    },
    "check.wrong": {
        "en": "Not yet. For {rgb} your function gives {got}; it should give {wanted}.",
        "ko": "아직이에요. 입력 {rgb}에서 나온 값: {got}, 나와야 할 값: {wanted}",
    },
    "check.code_text": {
        "en": "Return a text such as 'r248 g184 b192'; yours returns {got}.",
        "ko": "'r248 g184 b192' 같은 문자열을 돌려주세요. 지금 돌려주는 자료형: {got}",
    },
    "check.code_form": {
        "en": "The numbers are right, the form is not: {got} should read {wanted}.",
        "ko": "숫자는 맞는데 형식이 달라요. 지금: {got}, 바른 형식: {wanted}",
    },
    "check.code_raw": {
        "en": "Close: each channel still has to go to the nearest multiple of 8.",
        "ko": "거의 다 왔어요. 각 채널을 가장 가까운 8의 배수로 바꾸는 일이 남았어요.",
    },
    "check.code_cap": {
        "en": "Close: 255 became 256, a word that the model has never read. 248 is the largest.",
        "ko": "거의 다 왔어요. 255가 256이 됐는데, 모델이 읽어 본 적 없는 낱말이에요. "
        "가장 큰 값은 248이에요.",
    },
    "check.code_halves": {
        "en": "Close: halves go up, but Python's round takes them to the even side: 22.5 gives 22.",
        "ko": "거의 다 왔어요. 딱 중간이면 올려야 하는데, 파이썬의 round는 짝수 쪽으로 보내요. "
        "22.5는 22가 돼요.",
    },
    "check.code_floor": {
        "en": "Close: // always rounds down, and 182 is nearer to 184 than to 176.",
        "ko": "거의 다 왔어요. //는 늘 내림이에요. 182는 176보다 184에 더 가까워요.",
    },
    "check.code_right": {
        "en": "Right. This is the text that the model reads for a colour.",
        "ko": "맞았어요. 모델은 색을 바로 이 글자로 읽어요.",
    },
    "check.code_hint1": {
        "en": "Work on one channel at a time: what does 182 have to become, and why?",
        "ko": "한 채널씩 생각해 보세요. 182는 무엇이 되어야 하고, 왜 그럴까요?",
    },
    "check.code_hint2": {
        "en": "8 * ((channel + 4) // 8) is the nearest multiple of 8, halves up; min(248, ...) "
        "caps it.",
        "ko": "8 * ((channel + 4) // 8)이 가장 가까운 8의 배수예요. min(248, ...)으로 위를 "
        "막으세요.",
    },
    "check.distance_list": {
        "en": "Return one number for each of the {count} colours asked for.",
        "ko": "바란 색 {count}개마다 숫자를 하나씩 돌려주세요.",
    },
    "check.distance_mean": {
        "en": "Close: that is the mean over the colours found. Only the nearest one counts.",
        "ko": "거의 다 왔어요. 찾은 색 전체의 평균이네요. 가장 가까운 색 하나만 봐야 해요.",
    },
    "check.distance_max": {
        "en": "That is the colour farthest away. Take the nearest: min, not max.",
        "ko": "가장 먼 색을 골랐어요. max가 아니라 min으로 가장 가까운 색을 고르세요.",
    },
    "check.distance_order": {
        "en": "You compared them in order, first with first. The palette found is sorted by area, "
        "so look for the nearest.",
        "ko": "첫째는 첫째끼리, 순서대로 견주었네요. 찾은 색은 넓이 순서로 놓여 있으니 가장 "
        "가까운 색을 찾으세요.",
    },
    "check.distance_other_way": {
        "en": "The other way round: begin with a colour asked for, and look for the nearest found.",
        "ko": "방향이 반대예요. 바란 색에서 출발해 찾은 색 가운데 가장 가까운 것을 고르세요.",
    },
    "check.distance_rgb": {
        "en": "Close: that is the distance between RGB numbers. delta_e measures what eyes see.",
        "ko": "거의 다 왔어요. RGB 숫자 사이의 거리네요. 눈에 보이는 차이는 delta_e로 재요.",
    },
    "check.distance_single": {
        "en": "That is one number for all. Take the least for each colour asked for.",
        "ko": "전체에서 하나만 골랐네요. 바란 색마다 가장 작은 값을 구하세요.",
    },
    "check.distance_average": {
        "en": "Close: return the list itself, before it is averaged.",
        "ko": "거의 다 왔어요. 평균을 내기 전의 목록을 그대로 돌려주세요.",
    },
    "check.distance_right": {
        "en": "Right. The order of the colours found makes no difference.",
        "ko": "맞았어요. 찾은 색이 놓인 순서는 상관이 없어요.",
    },
    "check.distance_hint1": {
        "en": "The answer has one number for each colour asked for. Which of the two lists is the "
        "outer loop?",
        "ko": "답에는 바란 색마다 숫자가 하나씩 있어요. 두 목록 가운데 어느 쪽이 바깥 반복일까요?",
    },
    "check.distance_hint2": {
        "en": "For one rgb asked for: min(float(delta_e(rgb, other)) for other, share in found).",
        "ko": "바란 색 rgb 하나의 답: min(float(delta_e(rgb, other)) for other, share in found)",
    },
    "check.swatch_text": {
        "en": "Return the HTML as a text; yours returns {got}.",
        "ko": "HTML을 문자열로 돌려주세요. 지금 돌려주는 자료형: {got}",
    },
    "check.swatch_escape": {
        "en": "A name such as <img onerror=...> would run in the reader's browser. "
        "Put the name through html.escape.",
        "ko": "<img onerror=...> 같은 이름이 브라우저에서 그대로 실행돼요. 이름에 html.escape를 "
        "쓰세요.",
    },
    "check.swatch_name": {
        "en": "The colour's name is missing from the HTML.",
        "ko": "HTML에 색 이름이 빠졌어요.",
    },
    "check.swatch_color": {
        "en": "The background should be {wanted}: to_hex writes it.",
        "ko": "배경색이 빠졌어요. to_hex로 쓰세요. 있어야 할 값: {wanted}",
    },
    "check.swatch_ink": {
        "en": "On {color} the letters cannot be read well. Set color to text_color(rgb).",
        "ko": "배경 {color} 위의 글자가 잘 읽히지 않아요. color에 text_color(rgb)를 쓰세요.",
    },
    "check.swatch_right": {
        "en": "Right. Nothing runs, and every name can be read.",
        "ko": "맞았어요. 아무것도 실행되지 않고, 어떤 색에서도 이름이 읽혀요.",
    },
    "check.swatch_hint1": {
        "en": "Three things go into the HTML: the name, the background, the ink. Which of them "
        "could a stranger have written?",
        "ko": "HTML에는 이름, 배경색, 글자색이 들어가요. 그 가운데 남이 쓴 글일 수 있는 것은 "
        "무엇일까요?",
    },
    "check.swatch_hint2": {
        "en": "The style is background:{{to_hex(rgb)}};color:{{to_hex(text_color(rgb))}}, the "
        "name is escape(name).",
        "ko": "스타일은 background:{{to_hex(rgb)}};color:{{to_hex(text_color(rgb))}}, 이름은 "
        "escape(name)이에요.",
    },
    "check.tensor_kind": {
        "en": "Return a tensor; yours returns {got}.",
        "ko": "텐서를 돌려주세요. 지금 돌려주는 자료형: {got}",
    },
    "check.tensor_shape": {
        "en": "The shape is {got}; it should be {wanted}.",
        "ko": "모양이 달라요. 지금: {got}, 바른 모양: {wanted}",
    },
    "check.tensor_nan": {
        "en": "Some values are not finite. Is there a division by 0, or the root of a negative "
        "number?",
        "ko": "유한하지 않은 값이 있어요. 0으로 나누거나 음수의 제곱근을 구한 곳이 없나요?",
    },
    "check.tensor_other": {
        "en": "Not yet. Where it is furthest off, your function gives {got}; it should give "
        "{wanted}.",
        "ko": "아직이에요. 가장 많이 어긋난 곳에서 나온 값: {got}, 나와야 할 값: {wanted}",
    },
    "check.cumprod_sum": {
        "en": "Close: you add the betas up. Each step keeps a share of what was left, so shares "
        "are multiplied.",
        "ko": "거의 다 왔어요. 베타를 더했네요. 단계마다 남은 것의 일부만 남으니, 남는 비율을 "
        "곱해야 해요.",
    },
    "check.cumprod_alpha_sum": {
        "en": "Close: cumsum adds, and a share that is left can never be above 1. Multiply with "
        "cumprod.",
        "ko": "거의 다 왔어요. cumsum은 더해요. 남은 비율은 1을 넘을 수 없으니 cumprod로 곱하세요.",
    },
    "check.cumprod_beta": {
        "en": "Close: beta is what a step takes away. Multiply what it leaves: 1 - beta.",
        "ko": "거의 다 왔어요. 베타는 한 단계가 없애는 몫이에요. 남기는 몫인 1 - beta를 곱하세요.",
    },
    "check.cumprod_gone": {
        "en": "Close: that is the share that is gone. Return the share that is left.",
        "ko": "거의 다 왔어요. 그건 사라진 비율이에요. 남은 비율을 돌려주세요.",
    },
    "check.cumprod_single": {
        "en": "Close: that is what each step leaves on its own. What is left after all steps so "
        "far?",
        "ko": "거의 다 왔어요. 그건 한 단계만 따로 본 값이에요. 그때까지의 모든 단계를 지나면 "
        "얼마가 남을까요?",
    },
    "check.cumprod_last": {
        "en": "Close: that is the last value alone. cumprod keeps one value for each step.",
        "ko": "거의 다 왔어요. 그건 마지막 값 하나예요. cumprod는 단계마다 값을 하나씩 남겨요.",
    },
    "check.cumprod_root": {
        "en": "Close: that is the factor of the picture. The share of variance is its square, "
        "without the root.",
        "ko": "거의 다 왔어요. 그건 그림에 곱하는 수예요. 분산의 비율은 그 제곱이니 제곱근을 "
        "빼세요.",
    },
    "check.cumprod_late": {
        "en": "Close: it is late by one step. The first step already takes beta away.",
        "ko": "거의 다 왔어요. 한 단계 늦네요. 첫 단계도 이미 베타만큼 없애요.",
    },
    "check.cumprod_right": {
        "en": "Right. Each step keeps a share of what the steps before it left.",
        "ko": "맞았어요. 각 단계는 앞 단계들이 남긴 것의 일부만 남겨요.",
    },
    "check.cumprod_hint1": {
        "en": "Take two steps that each keep 90% of the variance. How much is left after both?",
        "ko": "분산의 90%를 남기는 단계를 두 번 지나면 얼마가 남을까요?",
    },
    "check.cumprod_hint2": {
        "en": "One step leaves 1 - beta. The share after several steps is the product of these.",
        "ko": "한 단계는 1 - beta를 남겨요. 여러 단계를 지난 비율은 이 값들의 곱이에요.",
    },
    "check.cumprod_hint3": {
        "en": "A tensor has a method for running products: (1 - betas).cumprod(0).",
        "ko": "텐서에는 누적 곱을 구하는 메서드가 있어요: (1 - betas).cumprod(0)",
    },
    "check.noise_roots": {
        "en": "Close: did you forget the square roots? alpha_bar is a share of variance; a "
        "picture is scaled by its root.",
        "ko": "거의 다 왔어요. 제곱근을 잊지 않았나요? alpha_bar는 분산의 비율이고, 그림에는 그 "
        "제곱근을 곱해요.",
    },
    "check.noise_root": {
        "en": "Close: the noise lacks its square root, so there is too little noise.",
        "ko": "거의 다 왔어요. 노이즈 쪽에 제곱근이 빠져서 노이즈가 너무 약해요.",
    },
    "check.noise_signal_root": {
        "en": "Close: the picture lacks its square root, so it fades too soon.",
        "ko": "거의 다 왔어요. 그림 쪽에 제곱근이 빠져서 그림이 너무 빨리 흐려져요.",
    },
    "check.noise_swapped": {
        "en": "The two are swapped: alpha_bar goes with the picture, 1 - alpha_bar with the noise.",
        "ko": "둘이 바뀌었어요. alpha_bar는 그림에, 1 - alpha_bar는 노이즈에 짝지어요.",
    },
    "check.noise_beta": {
        "en": "Close: that is one step, with beta. The jump over all steps needs alpha_bar: "
        "schedule.alphas_cumprod[t].",
        "ko": "거의 다 왔어요. 그건 베타로 가는 한 단계예요. 한꺼번에 뛰려면 alpha_bar, 곧 "
        "schedule.alphas_cumprod[t]가 있어야 해요.",
    },
    "check.noise_beta_for_bar": {
        "en": "Close: beta stands where alpha_bar belongs. Take schedule.alphas_cumprod[t].",
        "ko": "거의 다 왔어요. alpha_bar 자리에 베타가 있어요. schedule.alphas_cumprod[t]를 "
        "쓰세요.",
    },
    "check.noise_no_shrink": {
        "en": "Close: the picture must fade as the noise comes in; otherwise the variance grows.",
        "ko": "거의 다 왔어요. 노이즈가 들어오는 만큼 그림은 옅어져야 해요. 그러지 않으면 분산이 "
        "커져요.",
    },
    "check.noise_full": {
        "en": "Close: the noise comes in at full strength from the first step. Scale it too.",
        "ko": "거의 다 왔어요. 노이즈가 첫 단계부터 온전히 들어왔어요. 노이즈에도 수를 곱하세요.",
    },
    "check.noise_rest": {
        "en": "Close: it is the variances that add up to 1, not the factors. Take the root of 1 - "
        "alpha_bar.",
        "ko": "거의 다 왔어요. 더해서 1이 되는 것은 곱하는 수가 아니라 분산이에요. 1 - "
        "alpha_bar의 제곱근을 쓰세요.",
    },
    "check.noise_minus": {
        "en": "Close: the noise is added, not taken away.",
        "ko": "거의 다 왔어요. 노이즈는 빼지 않고 더해요.",
    },
    "check.noise_right": {
        "en": "Right. The variances alpha_bar and 1 - alpha_bar add up to 1.",
        "ko": "맞았어요. 분산 alpha_bar와 1 - alpha_bar를 더하면 1이에요.",
    },
    "check.noise_hint1": {
        "en": "Two things are added: a faded picture and scaled noise. Which number belongs to "
        "which?",
        "ko": "옅어진 그림과 크기를 맞춘 노이즈, 두 가지를 더해요. 어느 수가 어느 쪽에 갈까요?",
    },
    "check.noise_hint2": {
        "en": "alpha_bar = schedule.alphas_cumprod[t] is a share of variance. What scales a "
        "picture so that its variance becomes that?",
        "ko": "alpha_bar = schedule.alphas_cumprod[t]는 분산의 비율이에요. 분산이 그만큼 되려면 "
        "그림에 무엇을 곱해야 할까요?",
    },
    "check.noise_hint3": {
        "en": "alpha_bar.sqrt() * original_samples + (1 - alpha_bar).sqrt() * noise",
        "ko": "식은 이래요: alpha_bar.sqrt() * original_samples + (1 - alpha_bar).sqrt() * noise",
    },
    "check.snr_ratio": {
        "en": "Close: that is the ratio itself. Decibels are 10 times its logarithm to base 10.",
        "ko": "거의 다 왔어요. 그건 비율 자체예요. 데시벨은 밑이 10인 로그에 10을 곱한 값이에요.",
    },
    "check.snr_twenty": {
        "en": "Close: 20 is for amplitudes. This ratio is one of variances, so the factor is 10.",
        "ko": "거의 다 왔어요. 20은 진폭에 쓰는 수예요. 이 비율은 분산의 비율이니 10을 곱하세요.",
    },
    "check.snr_root": {
        "en": "Close: no root here: the ratio is one of variances, alpha_bar and 1 - alpha_bar.",
        "ko": "거의 다 왔어요. 여기에는 제곱근이 없어요. 분산인 alpha_bar와 1 - alpha_bar의 "
        "비율이에요.",
    },
    "check.snr_natural": {
        "en": "Close: log is the natural logarithm. Decibels take log10.",
        "ko": "거의 다 왔어요. log는 자연로그예요. 데시벨에는 log10을 써요.",
    },
    "check.snr_bel": {
        "en": "Close: that is in bel. A decibel is a tenth of it, so multiply by 10.",
        "ko": "거의 다 왔어요. 그건 벨 단위예요. 데시벨은 그 10분의 1이니 10을 곱하세요.",
    },
    "check.snr_natural_bel": {
        "en": "Close: that is the natural logarithm. Decibels are 10 times log10.",
        "ko": "거의 다 왔어요. 그건 자연로그예요. 데시벨은 log10에 10을 곱한 값이에요.",
    },
    "check.snr_upside_down": {
        "en": "Upside down: the signal stands above, the noise below. More noise must give a "
        "smaller number.",
        "ko": "위아래가 바뀌었어요. 신호가 위, 노이즈가 아래예요. 노이즈가 많을수록 값이 작아져야 "
        "해요.",
    },
    "check.snr_half_root": {
        "en": "Close: only one of the two has a root. Both are variances: leave the root out.",
        "ko": "거의 다 왔어요. 한쪽에만 제곱근이 있어요. 둘 다 분산이니 제곱근을 빼세요.",
    },
    "check.snr_signal": {
        "en": "Close: that is the signal alone. Divide it by the noise, 1 - alpha_bar, first.",
        "ko": "거의 다 왔어요. 그건 신호만 본 값이에요. 먼저 노이즈인 1 - alpha_bar로 나누세요.",
    },
    "check.snr_right": {
        "en": "Right. 0 dB is where signal and noise are equally strong.",
        "ko": "맞았어요. 0 dB에서 신호와 노이즈의 세기가 같아요.",
    },
    "check.snr_hint1": {
        "en": "First the ratio: what is the variance of the signal, what is that of the noise?",
        "ko": "먼저 비율부터예요. 신호의 분산은 무엇이고 노이즈의 분산은 무엇일까요?",
    },
    "check.snr_hint2": {
        "en": "The ratio is alpha_bar / (1 - alpha_bar). Decibels are 10 times its logarithm to "
        "base 10.",
        "ko": "비율은 alpha_bar / (1 - alpha_bar)예요. 데시벨은 밑이 10인 로그에 10을 곱한 "
        "값이에요.",
    },
    "check.snr_hint3": {
        "en": "A tensor has the method log10: 10 * ratio.log10().",
        "ko": "텐서에는 log10 메서드가 있어요: 10 * ratio.log10()",
    },
    "check.v_roots": {
        "en": "Close: did you forget the square roots? Pictures are scaled by roots of variances.",
        "ko": "거의 다 왔어요. 제곱근을 잊지 않았나요? 그림에는 분산의 제곱근을 곱해요.",
    },
    "check.v_plus": {
        "en": "Close: the sign of the picture is wrong: v takes the picture away from the noise.",
        "ko": "거의 다 왔어요. 그림의 부호가 틀렸어요. v는 노이즈에서 그림을 빼요.",
    },
    "check.v_sample": {
        "en": "That is the noisy picture, which the network is given. In v the two roots change "
        "places.",
        "ko": "그건 네트워크가 받는 노이즈 낀 그림이에요. v에서는 두 제곱근이 자리를 바꿔요.",
    },
    "check.v_sign": {
        "en": "Close: the sign is the other way round: noise minus picture.",
        "ko": "거의 다 왔어요. 부호가 반대예요. 노이즈에서 그림을 빼세요.",
    },
    "check.v_swapped": {
        "en": "The roots are swapped: in v, the root of alpha_bar goes with the noise.",
        "ko": "제곱근이 바뀌었어요. v에서는 alpha_bar의 제곱근이 노이즈와 짝이에요.",
    },
    "check.v_flow": {
        "en": "Close: that is the target of flow matching. In v both parts are scaled.",
        "ko": "거의 다 왔어요. 그건 플로 매칭의 목표예요. v에서는 양쪽에 수를 곱해요.",
    },
    "check.v_right": {
        "en": "Right. With little noise v is nearly the noise, with much noise nearly the "
        "negative picture.",
        "ko": "맞았어요. 노이즈가 적으면 v는 거의 노이즈이고, 많으면 거의 음화예요.",
    },
    "check.v_hint1": {
        "en": "v is built from the two parts of the noisy picture, with the two factors swapped "
        "and one sign changed.",
        "ko": "v는 노이즈 낀 그림의 두 부분으로 만들어요. 곱하는 수를 서로 바꾸고 부호 하나를 "
        "뒤집어요.",
    },
    "check.v_hint2": {
        "en": "The noise gets the root of alpha_bar, the picture the root of 1 - alpha_bar. One "
        "of them is taken away.",
        "ko": "노이즈에는 alpha_bar의 제곱근을, 그림에는 1 - alpha_bar의 제곱근을 곱해요. 그리고 "
        "하나를 빼요.",
    },
    "check.v_hint3": {
        "en": "alpha_bar.sqrt() * noise - (1 - alpha_bar).sqrt() * original_samples",
        "ko": "식은 이래요: alpha_bar.sqrt() * noise - (1 - alpha_bar).sqrt() * original_samples",
    },
    "check.original_root": {
        "en": "Close: the noise lacks its square root, so too little of it is taken away.",
        "ko": "거의 다 왔어요. 노이즈 쪽에 제곱근이 빠져서 노이즈를 덜 빼고 있어요.",
    },
    "check.original_roots": {
        "en": "Close: did you forget the square roots? Both factors of the noisy picture are "
        "roots.",
        "ko": "거의 다 왔어요. 제곱근을 잊지 않았나요? 노이즈 낀 그림에 곱한 두 수는 모두 "
        "제곱근이에요.",
    },
    "check.original_divisor_root": {
        "en": "Close: divide by the root of alpha_bar: that is what the picture was multiplied by.",
        "ko": "거의 다 왔어요. alpha_bar의 제곱근으로 나누세요. 그림에 곱했던 수가 그것이에요.",
    },
    "check.original_undivided": {
        "en": "Close: what is left is the faded picture. Divide by the root of alpha_bar.",
        "ko": "거의 다 왔어요. 남은 것은 옅어진 그림이에요. alpha_bar의 제곱근으로 나누세요.",
    },
    "check.original_plain": {
        "en": "Scale the noise before you take it away, and the picture afterwards.",
        "ko": "빼기 전에 노이즈에 수를 곱하고, 뺀 뒤에는 그림의 크기를 되돌리세요.",
    },
    "check.original_plus": {
        "en": "Close: the noise was added, so now it is taken away.",
        "ko": "거의 다 왔어요. 더했던 노이즈이니 이제는 빼야 해요.",
    },
    "check.original_beta": {
        "en": "The factors are swapped: alpha_bar belongs to the picture, 1 - alpha_bar to the "
        "noise.",
        "ko": "곱하는 수가 바뀌었어요. alpha_bar는 그림, 1 - alpha_bar는 노이즈의 것이에요.",
    },
    "check.original_brackets": {
        "en": "Close: brackets are missing. First take the noise away, then divide all of it.",
        "ko": "거의 다 왔어요. 괄호가 빠졌어요. 먼저 노이즈를 빼고, 전체를 나누세요.",
    },
    "check.original_times": {
        "en": "Close: divide by the root of alpha_bar; you multiply by it.",
        "ko": "거의 다 왔어요. alpha_bar의 제곱근을 곱하지 말고 그것으로 나누세요.",
    },
    "check.original_right": {
        "en": "Right. It is the formula of the noisy picture, solved for the picture.",
        "ko": "맞았어요. 노이즈 낀 그림의 식을 그림에 대해 푼 것이에요.",
    },
    "check.original_hint1": {
        "en": "Write down how the noisy picture was made. Which terms do you know by now?",
        "ko": "노이즈 낀 그림을 만든 식을 적어 보세요. 이제 어느 항을 알고 있나요?",
    },
    "check.original_hint2": {
        "en": "Take the scaled noise away from the sample; a faded picture is left. By which "
        "number did it fade?",
        "ko": "크기를 맞춘 노이즈를 sample에서 빼면 옅어진 그림이 남아요. 어떤 수 때문에 "
        "옅어졌을까요?",
    },
    "check.original_hint3": {
        "en": "(sample - (1 - alpha_bar).sqrt() * pred_noise) / alpha_bar.sqrt()",
        "ko": "식은 이래요: (sample - (1 - alpha_bar).sqrt() * pred_noise) / alpha_bar.sqrt()",
    },
    "check.step_last_noise": {
        "en": "Close: at t = 0 you still add noise. Nobody takes it away after the last step.",
        "ko": "거의 다 왔어요. t = 0에서도 노이즈를 더하네요. 마지막 단계 뒤에는 그걸 없앨 사람이 "
        "없어요.",
    },
    "check.step_no_noise": {
        "en": "Close: this is the mean. Before the last step some fresh noise, z, is added.",
        "ko": "거의 다 왔어요. 그건 평균이에요. 마지막 단계 전까지는 새 노이즈 z를 더해요.",
    },
    "check.step_variance": {
        "en": "Close: beta is a variance. Noise is scaled by a standard deviation: its root.",
        "ko": "거의 다 왔어요. 베타는 분산이에요. 노이즈에는 표준편차, 곧 그 제곱근을 곱해요.",
    },
    "check.step_variance_last_noise": {
        "en": "Two things: z is scaled by the root of beta, and at t = 0 there is no z.",
        "ko": "두 가지예요. z에는 베타의 제곱근을 곱하고, t = 0에서는 z를 더하지 않아요.",
    },
    "check.step_beta": {
        "en": "Close: below the fraction stands beta where alpha_bar belongs: the root of 1 - "
        "alpha_bar.",
        "ko": "거의 다 왔어요. 분모에 alpha_bar 대신 베타가 있어요. 1 - alpha_bar의 제곱근이어야 "
        "해요.",
    },
    "check.step_bar_root": {
        "en": "Close: the divisor of the noise lacks its square root.",
        "ko": "거의 다 왔어요. 노이즈를 나누는 수에 제곱근이 빠졌어요.",
    },
    "check.step_bar": {
        "en": "Close: the noise is divided by the root of 1 - alpha_bar, not of alpha_bar.",
        "ko": "거의 다 왔어요. 노이즈는 alpha_bar가 아니라 1 - alpha_bar의 제곱근으로 나눠요.",
    },
    "check.step_undivided": {
        "en": "Close: the forward step shrank the picture. Divide by the root of 1 - beta.",
        "ko": "거의 다 왔어요. 앞으로 가는 단계에서 그림이 줄었어요. 1 - beta의 제곱근으로 "
        "나누세요.",
    },
    "check.step_alpha_root": {
        "en": "Close: the divisor 1 - beta lacks its square root.",
        "ko": "거의 다 왔어요. 나누는 수 1 - beta에 제곱근이 빠졌어요.",
    },
    "check.step_alpha_bar": {
        "en": "Close: one step shrinks the picture by the root of 1 - beta. alpha_bar is for all "
        "of them.",
        "ko": "거의 다 왔어요. 한 단계에서는 1 - beta의 제곱근만큼 줄어요. alpha_bar는 모든 "
        "단계를 합친 값이에요.",
    },
    "check.step_right": {
        "en": "Right. One step back: take the noise out, undo the shrinking, add a little fresh "
        "noise.",
        "ko": "맞았어요. 한 단계 뒤로: 노이즈를 빼고, 줄어든 것을 되돌리고, 새 노이즈를 조금 "
        "더해요.",
    },
    "check.step_hint1": {
        "en": "Three parts: take some of pred_noise out of the sample, divide, add z. In which "
        "step is there no z?",
        "ko": "세 부분이에요. sample에서 pred_noise를 조금 빼고, 나누고, z를 더해요. z가 없는 "
        "단계는 언제일까요?",
    },
    "check.step_hint2": {
        "en": "beta = schedule.betas[t] and alpha_bar = schedule.alphas_cumprod[t]; alpha is 1 - "
        "beta. Three of the four places have a root.",
        "ko": "beta = schedule.betas[t], alpha_bar = schedule.alphas_cumprod[t]이고 alpha는 1 - "
        "beta예요. 네 자리 가운데 세 곳에 제곱근이 있어요.",
    },
    "check.step_hint3": {
        "en": "mean = (sample - beta / (1 - alpha_bar).sqrt() * pred_noise) / (1 - beta).sqrt(); "
        "then return mean + beta.sqrt() * z if t > 0 else mean.",
        "ko": "mean = (sample - beta / (1 - alpha_bar).sqrt() * pred_noise) / (1 - "
        "beta).sqrt()이고, return mean + beta.sqrt() * z if t > 0 else mean으로 끝내세요.",
    },
    # ---- check: notebook 05, samplers and guidance ---------------------------------------------
    "check.spacing_rising": {
        "en": "Close: the order is turned round. Sampling starts at the noisy end.",
        "ko": "거의 다 왔어요. 순서가 거꾸로예요. 샘플링은 노이즈가 많은 쪽에서 시작해요.",
    },
    "check.spacing_leading": {
        "en": "Close: you end at t = 0 but start below T - 1. The network is never asked about "
        "pure noise, and pure noise is what it gets.",
        "ko": "거의 다 왔어요. t = 0에서 끝나지만 T - 1보다 낮은 곳에서 시작하네요. 처음에 받는 "
        "것은 순수한 노이즈인데, 그 시점을 네트워크에 묻지 않게 돼요.",
    },
    "check.spacing_leading_rising": {
        "en": "Two things: start at T - 1, and go down from there.",
        "ko": "두 가지예요. T - 1에서 시작하고, 거기서부터 내려가세요.",
    },
    "check.spacing_count": {
        "en": "Close: all are too large by 1. Arrays count from 0, so the last timestep is T - 1.",
        "ko": "거의 다 왔어요. 모두 1씩 커요. 배열은 0부터 세니 마지막 시점은 T - 1이에요.",
    },
    "check.spacing_late": {
        "en": "Close: you start one stride too low, and end below 0. The first timestep is T - 1.",
        "ko": "거의 다 왔어요. 한 간격 아래에서 시작해서 0보다 아래로 내려가요. 첫 시점은 T - "
        "1이에요.",
    },
    "check.spacing_ends": {
        "en": "Close: linspace ends at t = 0, where hardly any noise is left to take out. The last "
        "step should still have a full stride of work to do.",
        "ko": "거의 다 왔어요. linspace는 t = 0에서 끝나는데, 거기에는 없앨 노이즈가 거의 없어요. "
        "마지막 단계에도 한 간격만큼의 일이 남아 있어야 해요.",
    },
    "check.spacing_first": {
        "en": "Close: those are neighbours, and the picture is still noise after them. Leave a "
        "stride of T / n between two.",
        "ko": "거의 다 왔어요. 서로 이웃한 시점들이라 다 지나도 그림은 여전히 노이즈예요. 사이를 "
        "T / n만큼 띄우세요.",
    },
    "check.spacing_right": {
        "en": "Right. The first step starts from pure noise, and each has equally far to go.",
        "ko": "맞았어요. 첫 단계는 순수한 노이즈에서 시작하고, 모든 단계의 간격이 같아요.",
    },
    "check.spacing_hint1": {
        "en": "Where is the noise pure: at t = 0 or at t = T - 1? Sampling starts there.",
        "ko": "노이즈만 있는 곳은 t = 0일까요, t = T - 1일까요? 샘플링은 거기서 시작해요.",
    },
    "check.spacing_hint2": {
        "en": "With T = 1000 and 10 steps the list begins 999, 899, 799. What is its last number?",
        "ko": "T = 1000이고 10단계라면 999, 899, 799로 시작해요. 마지막 수는 무엇일까요?",
    },
    "check.spacing_hint3": {
        "en": "stride = T // n; then list(range(T - 1, -1, -stride)).",
        "ko": "stride = T // n으로 두고 list(range(T - 1, -1, -stride))를 돌려주세요.",
    },
    "check.ddim_no_eta": {
        "en": "Close: did you forget eta? Your step is the one for eta = 0, whatever eta is.",
        "ko": "거의 다 왔어요. eta를 잊지 않았나요? eta가 얼마이든 eta = 0일 때의 단계가 나와요.",
    },
    "check.ddim_eta_one": {
        "en": "Close: eta does not reach sigma, so your step is always as random as for eta = 1.",
        "ko": "거의 다 왔어요. eta가 sigma에 들어가지 않아서 늘 eta = 1일 때만큼 무작위예요.",
    },
    "check.ddim_added": {
        "en": "Close: fresh noise comes in, but none of the old goes out: too much noise is left. "
        "Take sigma ** 2 from 1 - after.",
        "ko": "거의 다 왔어요. 새 노이즈는 들어오는데 옛 노이즈가 줄지 않아서 노이즈가 너무 많이 "
        "남아요. 1 - after에서 sigma ** 2를 빼세요.",
    },
    "check.ddim_no_z": {
        "en": "Close: you made room for the fresh noise, and then did not add it: sigma * z.",
        "ko": "거의 다 왔어요. 새 노이즈가 들어갈 자리는 냈는데 더하지 않았어요. sigma * z를 "
        "더하세요.",
    },
    "check.ddim_sigma_root": {
        "en": "Close: sigma lacks its square root. The fraction in it is a variance.",
        "ko": "거의 다 왔어요. sigma에 제곱근이 빠졌어요. 그 안의 분수는 분산이에요.",
    },
    "check.ddim_sigma_square": {
        "en": "Close: variances are taken from each other, so it is 1 - after - sigma ** 2.",
        "ko": "거의 다 왔어요. 분산에서는 분산을 빼요. 1 - after - sigma ** 2여야 해요.",
    },
    "check.ddim_sigma_variance": {
        "en": "Close: noise is scaled by a standard deviation. Add sigma * z, not sigma ** 2 * z.",
        "ko": "거의 다 왔어요. 노이즈에는 표준편차를 곱해요. sigma ** 2 * z가 아니라 sigma * z를 "
        "더하세요.",
    },
    "check.ddim_direction_root": {
        "en": "Close: the factor of the predicted noise lacks its square root.",
        "ko": "거의 다 왔어요. 예측한 노이즈에 곱하는 수에 제곱근이 빠졌어요.",
    },
    "check.ddim_signal_root": {
        "en": "Close: the picture lacks its square root: after is a share of variance.",
        "ko": "거의 다 왔어요. 그림 쪽에 제곱근이 빠졌어요. after는 분산의 비율이에요.",
    },
    "check.ddim_roots": {
        "en": "Close: did you forget the square roots? Picture and noise are scaled by roots of "
        "variances.",
        "ko": "거의 다 왔어요. 제곱근을 잊지 않았나요? 그림과 노이즈에는 분산의 제곱근을 곱해요.",
    },
    "check.ddim_before": {
        "en": "You mix picture and noise at the level they come from. The new sample has the level "
        "after the step.",
        "ko": "그림과 노이즈를 출발한 수준으로 섞었어요. 새 샘플은 단계 뒤의 수준, 곧 after로 "
        "섞어야 해요.",
    },
    "check.ddim_no_shrink": {
        "en": "Close: the picture comes in at full strength. While noise is left, it is faded by "
        "the root of after.",
        "ko": "거의 다 왔어요. 그림이 온전히 들어왔어요. 노이즈가 남아 있는 동안은 after의 "
        "제곱근을 곱해 옅게 하세요.",
    },
    "check.ddim_minus": {
        "en": "Close: the predicted noise is added, not taken away: a little of it is still in the "
        "sample.",
        "ko": "거의 다 왔어요. 예측한 노이즈는 빼지 않고 더해요. 샘플에는 아직 노이즈가 남아 "
        "있어요.",
    },
    "check.ddim_right": {
        "en": "Right. However large eta is, the variances of the noise add up to 1 - after.",
        "ko": "맞았어요. eta가 얼마이든 노이즈의 분산을 더하면 1 - after예요.",
    },
    "check.ddim_hint1": {
        "en": "The new sample has three parts: picture, predicted noise, fresh noise. Work out "
        "sigma first, for it is in two of them.",
        "ko": "새 샘플은 그림, 예측한 노이즈, 새 노이즈의 세 부분이에요. sigma는 그 가운데 두 곳에 "
        "들어가니 먼저 구하세요.",
    },
    "check.ddim_hint2": {
        "en": "sigma = eta * ((1 - after) / (1 - before) * (1 - before / after)) ** 0.5. The noise "
        "of the new sample has the variance 1 - after; sigma ** 2 of that is fresh.",
        "ko": "sigma = eta * ((1 - after) / (1 - before) * (1 - before / after)) ** 0.5예요. 새 "
        "샘플에 있는 노이즈의 분산은 1 - after이고, 그중 sigma ** 2가 새 노이즈예요.",
    },
    "check.ddim_hint3": {
        "en": "after**0.5 * pred_original_sample + (1 - after - sigma**2) ** 0.5 * pred_noise + "
        "sigma * z",
        "ko": "식은 이래요: after**0.5 * pred_original_sample + (1 - after - sigma**2) ** 0.5 * "
        "pred_noise + sigma * z",
    },
    "check.guide_swapped": {
        "en": "The two answers are swapped: you push away from the class. Start without the class "
        "and go towards it.",
        "ko": "두 답이 바뀌어서 클래스에서 멀어지고 있어요. 클래스가 없는 답에서 출발해 클래스 "
        "쪽으로 가세요.",
    },
    "check.guide_sign": {
        "en": "Close: the sign is wrong. You walk away from the class: it is plus the difference.",
        "ko": "거의 다 왔어요. 부호가 틀려서 클래스에서 멀어지고 있어요. 차이를 더해야 해요.",
    },
    "check.guide_paper": {
        "en": "Close: that is the paper's w, which is 0 without guidance. Here guidance_scale = w "
        "+ 1: at 1 the answer with the class comes back.",
        "ko": "거의 다 왔어요. 그건 가이던스가 없을 때 0인 논문의 w예요. 여기서는 guidance_scale = "
        "w + 1이라서 1일 때 클래스가 있는 답이 그대로 나와야 해요.",
    },
    "check.guide_minus_one": {
        "en": "Close: you took 1 away although you start at the answer without the class. Take "
        "away either the 1 or that start.",
        "ko": "거의 다 왔어요. 클래스가 없는 답에서 출발하면서 1도 뺐네요. 둘 가운데 하나만 해야 "
        "해요.",
    },
    "check.guide_no_start": {
        "en": "Close: that is the difference alone. Add it to the answer without the class.",
        "ko": "거의 다 왔어요. 그건 차이뿐이에요. 클래스가 없는 답에 더하세요.",
    },
    "check.guide_no_difference": {
        "en": "Close: what is scaled is the difference of the two answers, not the second one.",
        "ko": "거의 다 왔어요. 수를 곱할 것은 둘째 답이 아니라 두 답의 차이예요.",
    },
    "check.guide_only_class": {
        "en": "That makes the answer with the class louder. Guidance needs both answers.",
        "ko": "클래스가 있는 답을 키우기만 했어요. 가이던스에는 두 답이 모두 필요해요.",
    },
    "check.guide_forgotten": {
        "en": "That is the answer with the class, whatever the scale: there is no guidance in it.",
        "ko": "배율이 얼마이든 클래스가 있는 답 그대로예요. 가이던스가 들어 있지 않아요.",
    },
    "check.guide_right": {
        "en": "Right. 0 ignores the class, 1 obeys it, more than 1 exaggerates it.",
        "ko": "맞았어요. 0은 클래스를 무시하고, 1은 따르고, 1보다 크면 과장해요.",
    },
    "check.guide_hint1": {
        "en": "Try the special cases: at scale 0 the class should not matter; at scale 1 the "
        "answer with the class should come back.",
        "ko": "특별한 경우부터 보세요. 배율이 0이면 클래스가 상관없어야 하고, 1이면 클래스가 있는 "
        "답이 그대로 나와야 해요.",
    },
    "check.guide_hint2": {
        "en": "Think of a walk: start at output_uncond, look towards output_cond, and take "
        "guidance_scale times that way.",
        "ko": "걷는다고 생각해 보세요. output_uncond에서 출발해 output_cond 쪽을 보고, 그 거리의 "
        "guidance_scale배만큼 걸어요.",
    },
    "check.guide_hint3": {
        "en": "output_uncond + guidance_scale * (output_cond - output_uncond)",
        "ko": "식은 이래요: output_uncond + guidance_scale * (output_cond - output_uncond)",
    },
    "check.replace_clean": {
        "en": "Close: the kept part goes back without noise. The network expects the whole sample "
        "to be equally noisy.",
        "ko": "거의 다 왔어요. 남길 부분이 노이즈 없이 돌아갔어요. 네트워크는 샘플 전체가 똑같이 "
        "노이즈 낀 것으로 알아요.",
    },
    "check.replace_inverted": {
        "en": "Close: the mask is inverted. It is 1 where something new is drawn.",
        "ko": "거의 다 왔어요. 마스크가 뒤집혔어요. 새로 그릴 곳이 1이에요.",
    },
    "check.replace_inverted_clean": {
        "en": "Two things: the mask is 1 where something new is drawn, and the kept part needs its "
        "noise.",
        "ko": "두 가지예요. 새로 그릴 곳에서 마스크가 1이고, 남길 부분에는 노이즈를 더해야 해요.",
    },
    "check.replace_roots": {
        "en": "Close: did you forget the square roots when you made the kept part noisy?",
        "ko": "거의 다 왔어요. 남길 부분에 노이즈를 더할 때 제곱근을 잊지 않았나요?",
    },
    "check.replace_root": {
        "en": "Close: the noise of the kept part lacks its square root.",
        "ko": "거의 다 왔어요. 남길 부분의 노이즈 쪽에 제곱근이 빠졌어요.",
    },
    "check.replace_swapped": {
        "en": "Close: in the kept part alpha_bar goes with the picture, 1 - alpha_bar with the "
        "noise.",
        "ko": "거의 다 왔어요. 남길 부분에서 alpha_bar는 그림에, 1 - alpha_bar는 노이즈에 "
        "짝지어요.",
    },
    "check.replace_loud": {
        "en": "Close: scale picture and noise as add_noise does; otherwise the kept part is too "
        "loud.",
        "ko": "거의 다 왔어요. add_noise처럼 그림과 노이즈에 수를 곱하세요. 그러지 않으면 남길 "
        "부분이 너무 커져요.",
    },
    "check.replace_no_shrink": {
        "en": "Close: the kept part must fade as its noise comes in: the root of alpha_bar.",
        "ko": "거의 다 왔어요. 노이즈가 들어오는 만큼 남길 부분은 옅어져야 해요. alpha_bar의 "
        "제곱근을 곱하세요.",
    },
    "check.replace_added": {
        "en": "Close: where the picture is kept, two pictures lie on top of each other. Multiply "
        "what was drawn by the mask.",
        "ko": "거의 다 왔어요. 남길 곳에 그림 두 장이 겹쳐 있어요. 새로 그린 쪽에 마스크를 "
        "곱하세요.",
    },
    "check.replace_unmasked": {
        "en": "Close: where something new is drawn, the old picture still lies under it. Multiply "
        "the kept part by 1 - mask.",
        "ko": "거의 다 왔어요. 새로 그릴 곳에 옛 그림이 아직 깔려 있어요. 남길 쪽에 1 - mask를 "
        "곱하세요.",
    },
    "check.replace_nothing": {
        "en": "Nothing is put back: that is what the network drew, everywhere.",
        "ko": "되돌려 놓은 것이 없어요. 모든 곳이 네트워크가 그린 그대로예요.",
    },
    "check.replace_all": {
        "en": "The mask is not used: everything was put back, and nothing new is left.",
        "ko": "마스크를 쓰지 않았어요. 모든 곳을 되돌려 놓아서 새로 그린 것이 남지 않았어요.",
    },
    "check.replace_right": {
        "en": "Right. New where the mask is 1, old elsewhere, and both are equally noisy.",
        "ko": "맞았어요. 마스크가 1인 곳은 새 그림, 나머지는 옛 그림이고, 노이즈는 양쪽이 같아요.",
    },
    "check.replace_hint1": {
        "en": "Two lines are enough: make the original as noisy as the sample is, then choose "
        "between the two with the mask.",
        "ko": "두 줄이면 돼요. 원래 그림을 샘플만큼 노이즈 끼게 만들고, 마스크로 둘 가운데 "
        "고르세요.",
    },
    "check.replace_hint2": {
        "en": "The first line is the forward process in one jump. In the second, mask goes with "
        "drawn, and 1 - mask with the kept part.",
        "ko": "첫 줄은 한꺼번에 뛰는 정방향 과정이에요. 둘째 줄에서 mask는 drawn에, 1 - mask는 "
        "남길 부분에 짝지어요.",
    },
    "check.replace_hint3": {
        "en": "kept = alpha_bar**0.5 * original_samples + (1 - alpha_bar) ** 0.5 * noise; then "
        "return mask * drawn + (1 - mask) * kept.",
        "ko": "kept = alpha_bar**0.5 * original_samples + (1 - alpha_bar) ** 0.5 * noise로 두고 "
        "mask * drawn + (1 - mask) * kept를 돌려주세요.",
    },
    "check.softmax_axis": {
        "en": "Close: you add over the pictures. Each row is one picture, and its ten chances add "
        "up to 1: sum over dim=1.",
        "ko": "거의 다 왔어요. 그림들을 따라 더했네요. 한 줄이 그림 한 장이고 그 열 개의 확률을 "
        "더하면 1이에요. dim=1로 더하세요.",
    },
    "check.softmax_no_sum": {
        "en": "Close: these do not add up to 1. Divide each row by its sum.",
        "ko": "거의 다 왔어요. 더해도 1이 되지 않아요. 각 줄을 그 합으로 나누세요.",
    },
    "check.softmax_no_exp": {
        "en": "The logits are divided by their sum, but logits may be negative. Take exp first.",
        "ko": "로짓을 그 합으로 나누었는데, 로짓은 음수일 수도 있어요. 먼저 exp를 취하세요.",
    },
    "check.softmax_all": {
        "en": "Close: all pictures together add up to 1. Each row should: sum over dim=1 with "
        "keepdim=True.",
        "ko": "거의 다 왔어요. 그림 전체를 합쳐 1이 되네요. 한 줄마다 1이 되어야 해요. dim=1, "
        "keepdim=True로 더하세요.",
    },
    "check.softmax_sigmoid": {
        "en": "That is the sigmoid: ten separate yes-or-no answers, which need not add up to 1. "
        "Here the digits exclude each other.",
        "ko": "그건 시그모이드예요. 예/아니요 열 개를 따로 답하는 셈이라 합이 1이 아닐 수 있어요. "
        "여기서는 숫자 하나만 답이 될 수 있어요.",
    },
    "check.softmax_log": {
        "en": "Close: that is the logarithm of p(y|x). Return p(y|x) itself.",
        "ko": "거의 다 왔어요. 그건 p(y|x)의 로그예요. p(y|x) 자체를 돌려주세요.",
    },
    "check.softmax_overflow": {
        "en": "Right for small logits. For large ones exp overflows and gives nan: first subtract "
        "the largest logit of each row. The ratio stays the same.",
        "ko": "작은 로짓에서는 맞아요. 로짓이 크면 exp가 넘쳐서 nan이 나와요. 먼저 각 줄에서 가장 "
        "큰 로짓을 빼세요. 비율은 그대로예요.",
    },
    "check.softmax_right": {
        "en": "Right. Ten chances that add up to 1, for each picture.",
        "ko": "맞았어요. 그림마다 더하면 1이 되는 확률 열 개예요.",
    },
    "check.softmax_hint1": {
        "en": "A chance is never negative, and the ten of one picture add up to 1. Which function "
        "makes any number positive?",
        "ko": "확률은 음수가 될 수 없고, 그림 한 장의 열 개를 더하면 1이에요. 어떤 수든 양수로 "
        "바꾸는 함수는 무엇일까요?",
    },
    "check.softmax_hint2": {
        "en": "Take exp of all logits, then divide each row by its own sum. keepdim=True keeps "
        "the sum in a column.",
        "ko": "모든 로짓에 exp를 취하고 각 줄을 그 줄의 합으로 나누세요. keepdim=True를 쓰면 합이 "
        "세로줄로 남아요.",
    },
    "check.softmax_hint3": {
        "en": "powers = (logits - logits.max(1, keepdim=True).values).exp(), then powers / "
        "powers.sum(1, keepdim=True).",
        "ko": "powers = (logits - logits.max(1, keepdim=True).values).exp() 다음에 powers / "
        "powers.sum(1, keepdim=True)예요.",
    },
    "check.iou_apart": {
        "en": "Close: boxes that do not touch get an overlap. Two negative sides make a positive "
        "product: no side may be below 0.",
        "ko": "거의 다 왔어요. 서로 떨어진 상자인데 겹친다고 나와요. 음수 두 변을 곱하면 양수가 "
        "되니, 변의 길이가 0보다 작아지지 않게 하세요.",
    },
    "check.iou_plus_one": {
        "en": "Close: you count the last pixel twice. x1 and y1 are the first pixels outside, so "
        "a width is x1 - x0.",
        "ko": "거의 다 왔어요. 마지막 픽셀을 한 번 더 세었어요. x1과 y1은 상자 바로 바깥의 첫 "
        "픽셀이니 너비는 x1 - x0이에요.",
    },
    "check.iou_sum": {
        "en": "Close: the union is not the sum of both areas. What both share is in that sum "
        "twice.",
        "ko": "거의 다 왔어요. 합집합은 두 넓이의 합이 아니에요. 겹친 부분이 그 합에 두 번 들어 "
        "있어요.",
    },
    "check.iou_dice": {
        "en": "That is the Dice score: twice the intersection over the sum of the areas. Divide "
        "the intersection by the union.",
        "ko": "그건 다이스 점수예요. 교집합의 두 배를 넓이의 합으로 나눈 값이죠. 교집합을 "
        "합집합으로 나누세요.",
    },
    "check.iou_first": {
        "en": "You divide by the first box's area. Then a huge second box would always be right: "
        "divide by the union.",
        "ko": "첫째 상자의 넓이로 나누었네요. 그러면 둘째 상자는 크기만 하면 늘 정답이 돼요. "
        "합집합으로 나누세요.",
    },
    "check.iou_second": {
        "en": "You divide by the second box's area. Then a huge first box would always be right: "
        "divide by the union.",
        "ko": "둘째 상자의 넓이로 나누었네요. 그러면 첫째 상자는 크기만 하면 늘 정답이 돼요. "
        "합집합으로 나누세요.",
    },
    "check.iou_smaller": {
        "en": "You divide by the smaller area. Then a box inside the other one would be perfect: "
        "divide by the union.",
        "ko": "작은 쪽 넓이로 나누었네요. 그러면 다른 상자 안에 들어 있기만 해도 만점이 돼요. "
        "합집합으로 나누세요.",
    },
    "check.iou_larger": {
        "en": "Close: you divide by the larger area. The union also holds the part of the smaller "
        "box that sticks out.",
        "ko": "거의 다 왔어요. 큰 쪽 넓이로 나누었네요. 합집합에는 작은 상자에서 밖으로 나온 "
        "부분도 들어가요.",
    },
    "check.iou_hull": {
        "en": "Close: you divide by the box around both. The union is only what one of them "
        "covers.",
        "ko": "거의 다 왔어요. 두 상자를 둘러싼 상자의 넓이로 나누었네요. 합집합은 둘 중 하나라도 "
        "덮은 부분뿐이에요.",
    },
    "check.iou_area": {
        "en": "That is the intersection, in pixels. Divide it by the union, so that size does not "
        "matter.",
        "ko": "그건 교집합의 픽셀 수예요. 크기와 상관없는 값이 되도록 합집합으로 나누세요.",
    },
    "check.iou_right": {
        "en": "Right. 1 for the same box, 0 for boxes that do not overlap.",
        "ko": "맞았어요. 같은 상자면 1, 겹치지 않으면 0이에요.",
    },
    "check.iou_hint1": {
        "en": "Draw two boxes on paper. Where does the part that both cover begin and end, from "
        "left to right?",
        "ko": "종이에 상자 두 개를 그려 보세요. 둘 다 덮은 부분은 왼쪽에서 오른쪽으로 어디에서 "
        "시작하고 어디에서 끝날까요?",
    },
    "check.iou_hint2": {
        "en": "It begins at the larger x0 and ends at the smaller x1. If that width is negative, "
        "there is no overlap: take 0.",
        "ko": "큰 쪽 x0에서 시작해 작은 쪽 x1에서 끝나요. 그 너비가 음수면 겹치지 않으니 0으로 "
        "하세요.",
    },
    "check.iou_hint3": {
        "en": "width = max(0, min(box[2], other[2]) - max(box[0], other[0])), the height alike; "
        "the union is area + area - shared.",
        "ko": "width = max(0, min(box[2], other[2]) - max(box[0], other[0]))이고 높이도 같은 "
        "식이에요. 합집합은 두 넓이의 합에서 겹친 넓이를 뺀 값이에요.",
    },
    "check.bayes_prior": {
        "en": "Close: the prior is missing. A digit that is rare needs stronger evidence: "
        "multiply p(x|y) by p(y).",
        "ko": "거의 다 왔어요. 사전확률이 빠졌네요. 드문 숫자라면 더 강한 증거가 있어야 해요. "
        "p(x|y)에 p(y)를 곱하세요.",
    },
    "check.bayes_joint": {
        "en": "Close: that is p(x, y). Divide it by p(x), so that each row adds up to 1.",
        "ko": "거의 다 왔어요. 그건 p(x, y)예요. 각 줄의 합이 1이 되도록 p(x)로 나누세요.",
    },
    "check.bayes_axis": {
        "en": "Close: you add over the pictures x. p(x) is the sum over the classes y: dim=1.",
        "ko": "거의 다 왔어요. 그림 x를 따라 더했네요. p(x)는 클래스 y에 대한 합이에요. dim=1로 "
        "더하세요.",
    },
    "check.bayes_all": {
        "en": "Close: the whole table adds up to 1. Each row should: p(x) is one number for each "
        "picture.",
        "ko": "거의 다 왔어요. 표 전체의 합이 1이네요. 한 줄마다 1이 되어야 해요. p(x)는 그림마다 "
        "하나예요.",
    },
    "check.bayes_evidence": {
        "en": "Close: p(x) lacks the prior. Sum p(x|y) p(y), not p(x|y) alone.",
        "ko": "거의 다 왔어요. p(x)에 사전확률이 빠졌네요. p(x|y)만이 아니라 p(x|y) p(y)를 "
        "더하세요.",
    },
    "check.bayes_twice": {
        "en": "Close: the numerator lacks the prior. It is p(x|y) p(y).",
        "ko": "거의 다 왔어요. 분자에 사전확률이 빠졌네요. 분자는 p(x|y) p(y)예요.",
    },
    "check.bayes_only_evidence": {
        "en": "That is p(x), one number for each picture. Divide p(x|y) p(y) by it.",
        "ko": "그건 그림마다 하나인 p(x)예요. p(x|y) p(y)를 그것으로 나누세요.",
    },
    "check.bayes_right": {
        "en": "Right. What a class explains well and what is common anyway, weighed against each "
        "other.",
        "ko": "맞았어요. 클래스가 그림을 얼마나 잘 설명하는지와 원래 얼마나 흔한지를 함께 "
        "따졌어요.",
    },
    "check.bayes_hint1": {
        "en": "Which three things stand on the right of Bayes' rule? Which of them is not given, "
        "and how does it follow from the others?",
        "ko": "베이즈 정리의 오른쪽에 있는 세 가지는 무엇인가요? 주어지지 않은 하나는 나머지에서 "
        "어떻게 나올까요?",
    },
    "check.bayes_hint2": {
        "en": "Multiply p(x|y) by p(y): that is the joint, (N, K). Its sum over the classes is "
        "p(x), one number for each row.",
        "ko": "p(x|y)에 p(y)를 곱하면 결합확률 (N, K)예요. 클래스에 대해 더하면 줄마다 하나인 "
        "p(x)가 나와요.",
    },
    "check.bayes_hint3": {
        "en": "joint = likelihood * prior, then joint / joint.sum(1, keepdim=True).",
        "ko": "joint = likelihood * prior 다음에 joint / joint.sum(1, keepdim=True)예요.",
    },
    "check.kl_sign": {
        "en": "The sign is wrong: yours is below 0, and a KL divergence never is.",
        "ko": "부호가 반대예요. KL 발산은 0보다 작을 수 없는데 음수가 나와요.",
    },
    "check.kl_half": {
        "en": "Close: the factor 1/2 is missing.",
        "ko": "거의 다 왔어요. 앞의 1/2이 빠졌네요.",
    },
    "check.kl_variance": {
        "en": "Close: you read logvar as the variance. It is the logarithm: the variance is "
        "logvar.exp().",
        "ko": "거의 다 왔어요. logvar를 분산으로 보았네요. 그건 로그예요. 분산은 logvar.exp()예요.",
    },
    "check.kl_no_exp": {
        "en": "Close: the variance in the sum is logvar.exp(), not logvar.",
        "ko": "거의 다 왔어요. 더할 분산은 logvar가 아니라 logvar.exp()예요.",
    },
    "check.kl_deviation": {
        "en": "Close: that is the standard deviation. The formula has the variance: logvar.exp().",
        "ko": "거의 다 왔어요. 그건 표준편차예요. 식에 들어가는 것은 분산, 곧 logvar.exp()예요.",
    },
    "check.kl_double": {
        "en": "Close: you read logvar as the logarithm of the standard deviation. It is that of "
        "the variance: no factor 2.",
        "ko": "거의 다 왔어요. logvar를 표준편차의 로그로 보았네요. 분산의 로그이니 2를 곱하지 "
        "마세요.",
    },
    "check.kl_square": {
        "en": "Close: the mean enters squared. Otherwise a mean of -1 would be better than 0.",
        "ko": "거의 다 왔어요. 평균은 제곱해서 더해요. 그러지 않으면 평균 -1이 0보다 좋은 셈이 "
        "돼요.",
    },
    "check.kl_one": {
        "en": "Close: the -1 is missing. For mean 0 and variance 1 the result must be 0.",
        "ko": "거의 다 왔어요. -1이 빠졌네요. 평균 0, 분산 1이면 결과가 0이어야 해요.",
    },
    "check.kl_plus": {
        "en": "Close: logvar is subtracted, not added.",
        "ko": "거의 다 왔어요. logvar는 더하지 않고 빼요.",
    },
    "check.kl_mean": {
        "en": "Close: sum over the latent's numbers, do not average. Each of them costs nats of "
        "its own.",
        "ko": "거의 다 왔어요. 잠재변수의 값들은 평균하지 말고 더하세요. 값마다 따로 비용이 "
        "들어요.",
    },
    "check.kl_batch": {
        "en": "You add over the pictures. Each picture has its own divergence: sum over dim=1.",
        "ko": "그림들을 따라 더했네요. 발산은 그림마다 하나예요. dim=1로 더하세요.",
    },
    "check.kl_total": {
        "en": "Close: that is the sum for the whole batch. Return one number for each picture: "
        "sum over dim=1.",
        "ko": "거의 다 왔어요. 그건 묶음 전체의 합이에요. 그림마다 하나씩 돌려주세요. dim=1로 "
        "더하세요.",
    },
    "check.kl_batch_mean": {
        "en": "Close: that is the mean over the batch. Return one number for each picture.",
        "ko": "거의 다 왔어요. 그건 묶음의 평균이에요. 그림마다 하나씩 돌려주세요.",
    },
    "check.kl_right": {
        "en": "Right. It is 0 for mean 0 and variance 1, and grows with each nat that the latent "
        "tells about its picture.",
        "ko": "맞았어요. 평균 0, 분산 1이면 0이고, 잠재변수가 그림에 대해 더 많이 말할수록 커져요.",
    },
    "check.kl_hint1": {
        "en": "What must come out for mean 0 and logvar 0? Try your function on it.",
        "ko": "평균 0, logvar 0이면 얼마가 나와야 할까요? 함수에 넣어 보세요.",
    },
    "check.kl_hint2": {
        "en": "Four terms: the mean squared, the variance logvar.exp(), minus 1, minus logvar. "
        "Half of their sum over dim=1.",
        "ko": "항은 넷이에요. 평균의 제곱, 분산 logvar.exp(), 빼기 1, 빼기 logvar. 이들을 dim=1로 "
        "더한 것의 절반이에요.",
    },
    "check.kl_hint3": {
        "en": "0.5 * (mean**2 + logvar.exp() - 1 - logvar).sum(1).",
        "ko": "0.5 * (mean**2 + logvar.exp() - 1 - logvar).sum(1)이에요.",
    },
    "check.gan_pair": {
        "en": "Return two losses of one shape, first the discriminator's, then the generator's: "
        "return d_loss, g_loss.",
        "ko": "모양이 같은 손실 두 개를 돌려주세요. 판별자 먼저, 생성자 다음이에요: return "
        "d_loss, g_loss",
    },
    "check.gan_order": {
        "en": "Close: the losses are in the other order. First the discriminator's, then the "
        "generator's.",
        "ko": "거의 다 왔어요. 순서가 바뀌었네요. 판별자 먼저, 생성자 다음이에요.",
    },
    "check.gan_swapped": {
        "en": "The discriminator's labels are swapped: it learns to call real digits fake. Real "
        "ones want a large logit.",
        "ko": "판별자의 라벨이 바뀌었어요. 진짜를 가짜라고 배우게 돼요. 진짜의 로짓은 커야 해요.",
    },
    "check.gan_labels": {
        "en": "The generator helps the discriminator: it learns to be caught. It wants its digits "
        "to be called real.",
        "ko": "생성자가 판별자를 돕고 있어요. 들키는 법을 배우네요. 생성자는 자기 숫자가 진짜로 "
        "불리기를 바라요.",
    },
    "check.gan_all_swapped": {
        "en": "All labels are swapped. For the discriminator real is 1 and fake is 0; the "
        "generator wants a 1.",
        "ko": "라벨이 모두 바뀌었어요. 판별자에게 진짜는 1, 가짜는 0이고, 생성자는 1을 바라요.",
    },
    "check.gan_saturating": {
        "en": "That is the saturating loss, log(1 - D(G(z))): its slope vanishes while the "
        "discriminator is sure. Use -log D(G(z)).",
        "ko": "그건 포화되는 손실 log(1 - D(G(z)))예요. 판별자가 확신하는 동안 기울기가 사라져요. "
        "-log D(G(z))를 쓰세요.",
    },
    "check.gan_half": {
        "en": "Close: you average the discriminator's two terms. The formula adds them.",
        "ko": "거의 다 왔어요. 판별자의 두 항을 평균했네요. 식에서는 더해요.",
    },
    "check.gan_real_only": {
        "en": "Close: the discriminator sees real digits only. Calling everything real would be "
        "perfect: add the fakes.",
        "ko": "거의 다 왔어요. 판별자가 진짜만 보네요. 모두 진짜라고 하면 만점이 돼요. 가짜의 "
        "항을 더하세요.",
    },
    "check.gan_fake_only": {
        "en": "Close: the discriminator sees fakes only. Calling everything fake would be "
        "perfect: add the real ones.",
        "ko": "거의 다 왔어요. 판별자가 가짜만 보네요. 모두 가짜라고 하면 만점이 돼요. 진짜의 "
        "항을 더하세요.",
    },
    "check.gan_sign": {
        "en": "Both signs are wrong: a loss is minimised, so each logarithm gets a minus.",
        "ko": "두 부호가 모두 반대예요. 손실은 줄이는 값이니 로그마다 빼기를 붙이세요.",
    },
    "check.gan_mean": {
        "en": "Close: take the mean over the batch, so that each loss is one number.",
        "ko": "거의 다 왔어요. 묶음에 대해 평균해서 손실마다 수 하나로 만드세요.",
    },
    "check.gan_sum": {
        "en": "Close: you add over the batch. Take the mean, so that the batch size does not "
        "matter.",
        "ko": "거의 다 왔어요. 묶음에 대해 더했네요. 묶음 크기와 상관없도록 평균하세요.",
    },
    "check.gan_right": {
        "en": "Right. One pulls real and fake apart, the other one makes fakes look real.",
        "ko": "맞았어요. 하나는 진짜와 가짜를 떼어 놓고, 다른 하나는 가짜를 진짜처럼 만들어요.",
    },
    "check.gan_hint1": {
        "en": "Which logits does each network want to be large, and which small?",
        "ko": "두 신경망은 각각 어떤 로짓이 크기를, 어떤 로짓이 작기를 바랄까요?",
    },
    "check.gan_hint2": {
        "en": "With D the sigmoid of a logit, -log D is softplus(-logit) and -log(1 - D) is "
        "softplus(logit).",
        "ko": "D가 로짓의 시그모이드면 -log D는 softplus(-logit), -log(1 - D)는 "
        "softplus(logit)이에요.",
    },
    "check.gan_hint3": {
        "en": "d_loss = softplus(-real_logits).mean() + softplus(fake_logits).mean(); g_loss = "
        "softplus(-fake_logits).mean().",
        "ko": "d_loss = softplus(-real_logits).mean() + softplus(fake_logits).mean(), g_loss = "
        "softplus(-fake_logits).mean()이에요.",
    },
    "check.auc_reversed": {
        "en": "Close: it is upside down. A high score should mean a defect: count where the bad "
        "one is above the good one.",
        "ko": "거의 다 왔어요. 거꾸로예요. 점수가 높으면 불량이어야 하니, 불량이 정상보다 높은 "
        "경우를 세세요.",
    },
    "check.auc_ties_lost": {
        "en": "Close: equal scores count as lost. A tie is a coin toss: count it half.",
        "ko": "거의 다 왔어요. 점수가 같은 쌍을 0으로 세었네요. 같으면 동전 던지기와 같으니 "
        "절반으로 세세요.",
    },
    "check.auc_ties_won": {
        "en": "Close: equal scores count as won. A tie is a coin toss: count it half.",
        "ko": "거의 다 왔어요. 점수가 같은 쌍을 1로 세었네요. 같으면 동전 던지기와 같으니 "
        "절반으로 세세요.",
    },
    "check.auc_count": {
        "en": "Close: that is how many pairs. Divide by the number of all pairs.",
        "ko": "거의 다 왔어요. 그건 쌍의 개수예요. 모든 쌍의 개수로 나누세요.",
    },
    "check.auc_means": {
        "en": "That is the difference of the means. AUC only asks which of two scores is higher, "
        "not by how much.",
        "ko": "그건 평균의 차이예요. AUC는 두 점수 중 어느 쪽이 높은지만 물어요. 얼마나 높은지는 "
        "묻지 않아요.",
    },
    "check.auc_threshold": {
        "en": "That is the share of defects above every good score: one threshold. AUC compares "
        "each bad one with each good one.",
        "ko": "그건 모든 정상 점수보다 높은 불량의 비율, 곧 기준 하나에서 본 값이에요. AUC는 불량 "
        "하나하나를 정상 하나하나와 견줘요.",
    },
    "check.auc_right": {
        "en": "Right. 1/2 is guessing, 1 tells every defect from every good digit.",
        "ko": "맞았어요. 1/2은 찍는 것과 같고, 1이면 모든 불량을 모든 정상과 구별해요.",
    },
    "check.auc_hint1": {
        "en": "Take one good and one bad score. Which outcomes are there, and how much is each "
        "worth?",
        "ko": "정상 점수 하나와 불량 점수 하나를 골라 보세요. 어떤 결과가 있고, 각각 몇 점일까요?",
    },
    "check.auc_hint2": {
        "en": "Compare all pairs: bad[:, None] > good is a table of (bad, good). Ties are bad[:, "
        "None] == good.",
        "ko": "모든 쌍을 견주세요. bad[:, None] > good은 (불량, 정상) 표예요. 같은 쌍은 bad[:, "
        "None] == good이에요.",
    },
    "check.auc_hint3": {
        "en": "((bad[:, None] > good).double() + 0.5 * (bad[:, None] == good)).mean().",
        "ko": "((bad[:, None] > good).double() + 0.5 * (bad[:, None] == good)).mean()이에요.",
    },
    "families.real": {
        "en": "real digits",
        "ko": "진짜 숫자",
    },
    "families.vae": {
        "en": "VAE",
        "ko": "VAE",
    },
    "families.gan": {
        "en": "GAN",
        "ko": "GAN",
    },
    "families.ddpm": {
        "en": "diffusion",
        "ko": "확산 모델",
    },
    "families.parameters": {
        "en": "parameters (what draws; the VAE with its encoder)",
        "ko": "매개변수 수 (그리는 쪽, VAE는 인코더 포함)",
    },
    "families.steps": {
        "en": "training steps",
        "ko": "학습 단계 수",
    },
    "families.cpu_seconds_per_digit": {
        "en": "CPU ms to draw a digit",
        "ko": "숫자 하나를 그리는 CPU 밀리초",
    },
    "families.digit_fid": {
        "en": "digit-FID (lower is better)",
        "ko": "digit-FID (낮을수록 좋음)",
    },
    "families.precision": {
        "en": "precision: drawn digits that look real",
        "ko": "정밀도: 진짜 같은 그림의 비율",
    },
    "families.recall": {
        "en": "recall: real digits that it could have drawn",
        "ko": "재현율: 그릴 수 있었을 진짜 숫자의 비율",
    },
    "families.read_as_asked": {
        "en": "read as the digit asked for",
        "ko": "부탁한 숫자로 읽힌 비율",
    },
    "families.evenness_unasked": {
        "en": "evenness of the ten classes, unasked (1 is even)",
        "ko": "부탁하지 않았을 때 열 클래스의 고른 정도 (1이면 고름)",
    },
    "families.loss_oscillation": {
        "en": "swings of the loss, late in training",
        "ko": "학습 후반에 손실이 흔들리는 정도",
    },
    "families.cleaning_noise": {
        "en": "noise of {noise} cleaned off: read rightly",
        "ko": "노이즈 {noise}: 지운 뒤 바르게 읽힌 비율",
    },
    "families.digit_fid_noise": {
        "en": "digit-FID, trained on pictures with noise of {noise}",
        "ko": "노이즈 {noise}: 노이즈 낀 그림으로 학습했을 때의 digit-FID",
    },
    "families.caption": {
        "en": "Mean ± standard deviation over {seeds} seeds; {seconds} CPU seconds of training "
        "each, on MNIST; {count} digits judged; {date}, {machine}.",
        "ko": "시드 {seeds}개의 평균 ± 표준편차. MNIST로 각각 CPU {seconds}초 동안 학습. 숫자 "
        "{count}개로 평가. {date}, {machine}.",
    },
    "claim.head_family": {
        "en": "family",
        "ko": "모델",
    },
    "claim.head_claim": {
        "en": "claim",
        "ko": "주장",
    },
    "claim.head_test": {
        "en": "tested by",
        "ko": "시험 방법",
    },
    "claim.head_verdict": {
        "en": "verdict",
        "ko": "판정",
    },
    "claim.held": {
        "en": "held",
        "ko": "맞았음",
    },
    "claim.did_not_hold": {
        "en": "did not hold",
        "ko": "맞지 않았음",
    },
    "claim.not_shown": {
        "en": "not shown",
        "ko": "드러나지 않음",
    },
    "claim.vae_stable": {
        "en": "trains stably",
        "ko": "학습이 안정적이다",
    },
    "claim.vae_stable_test": {
        "en": "worst seed's digit-FID at most twice the best's",
        "ko": "가장 나쁜 시드의 digit-FID가 가장 좋은 시드의 두 배 이하",
    },
    "claim.vae_noise": {
        "en": "is robust to noise",
        "ko": "노이즈에 강하다",
    },
    "claim.vae_noise_test": {
        "en": "noisy digits, rebuilt, are read rightly more often than those that diffusion cleans",
        "ko": "노이즈 낀 숫자를 다시 그린 것이 확산 모델이 지운 것보다 더 자주 바르게 읽힘",
    },
    "claim.vae_quality": {
        "en": "draws at lower quality",
        "ko": "그림의 품질이 낮은 편이다",
    },
    "claim.vae_quality_test": {
        "en": "worse than both others in digit-FID and precision",
        "ko": "digit-FID와 정밀도에서 둘 모두에게 뒤짐",
    },
    "claim.gan_quality": {
        "en": "draws very fine pictures",
        "ko": "매우 정교한 그림을 그린다",
    },
    "claim.gan_quality_test": {
        "en": "better than the VAE in digit-FID and precision, not worse than diffusion in both",
        "ko": "digit-FID와 정밀도에서 VAE를 앞서고, 확산 모델에 둘 다 뒤지지는 않음",
    },
    "claim.gan_unstable": {
        "en": "trains unstably",
        "ko": "학습이 불안정하다",
    },
    "claim.gan_unstable_test": {
        "en": "worst seed's digit-FID more than twice the best's",
        "ko": "가장 나쁜 시드의 digit-FID가 가장 좋은 시드의 두 배 초과",
    },
    "claim.gan_diversity": {
        "en": "draws with limited diversity",
        "ko": "다양성에 한계가 있다",
    },
    "claim.gan_diversity_test": {
        "en": "lower recall than both others",
        "ko": "재현율에서 둘 모두에게 뒤짐",
    },
    "claim.ddpm_quality": {
        "en": "draws at high quality",
        "ko": "품질이 우수하다",
    },
    "claim.ddpm_quality_test": {
        "en": "better than the VAE in digit-FID and precision, not worse than the GAN in both",
        "ko": "digit-FID와 정밀도에서 VAE를 앞서고, GAN에 둘 다 뒤지지는 않음",
    },
    "claim.ddpm_diversity": {
        "en": "draws diversely",
        "ko": "표현이 다양하다",
    },
    "claim.ddpm_diversity_test": {
        "en": "higher recall than the GAN, not lower than the VAE",
        "ko": "재현율에서 GAN을 앞서고 VAE에 뒤지지 않음",
    },
    "claim.ddpm_stable": {
        "en": "trains stably",
        "ko": "학습이 안정적이다",
    },
    "claim.ddpm_stable_test": {
        "en": "worst seed's digit-FID at most twice the best's",
        "ko": "가장 나쁜 시드의 digit-FID가 가장 좋은 시드의 두 배 이하",
    },
    "uses.untouched": {"en": "left as it is", "ko": "그대로 둠"},
    "uses.scratch": {"en": "scratch", "ko": "긁힌 자국"},
    "uses.blob": {"en": "blob", "ko": "얼룩"},
    "uses.missing": {"en": "missing stroke", "ko": "빠진 획"},
    "uses.clean": {
        "en": "noise of {what} cleaned off: read rightly",
        "ko": "노이즈 {what}: 지운 뒤 바르게 읽힌 비율",
    },
    "uses.fill_error": {
        "en": "{what} drawn anew: squared error there (lower is better)",
        "ko": "{what}: 다시 그린 자리의 제곱 오차 (낮을수록 좋음)",
    },
    "uses.fill_read": {
        "en": "{what} drawn anew: read rightly",
        "ko": "{what}: 다시 그린 뒤 바르게 읽힌 비율",
    },
    "uses.auc": {"en": "{what} found: AUC", "ko": "{what}: 찾아낸 AUC"},
    "uses.caption": {
        "en": "Mean ± standard deviation over {seeds} seeds; the shipped models on {count} MNIST "
        "test digits of each kind; {date}, {machine}.",
        "ko": "시드 {seeds}개의 평균 ± 표준편차. 함께 제공되는 모델로 MNIST 테스트 숫자를 종류마다 "
        "{count}개씩 평가. {date}, {machine}.",
    },
    # ---- attention maps, specificity, notebook 07
    "error.word_without_map": {
        "en": "The prompt, as the model read it, does not hold the word “{word}”. It holds: "
        "{known}. Ask for a word of the prompt.",
        "ko": "모델이 읽은 프롬프트에 “{word}”라는 단어가 없어요. 들어 있는 것은 {known}. "
        "프롬프트에 있는 단어를 물어보세요.",
    },
    "error.nothing_recorded": {
        "en": "No picture was drawn inside the block, so there are no attention maps. Call the "
        "pipeline inside “with attention_maps(pipeline) as maps:”; where its embeddings were made "
        "before, pass prompt= as well.",
        "ko": "블록 안에서 그린 그림이 없어서 어텐션 맵도 없어요. “with "
        "attention_maps(pipeline) as maps:” 안에서 파이프라인을 부르세요. 임베딩을 미리 "
        "만들었다면 prompt=도 넘기세요.",
    },
    "attention.map": {"en": "map of", "ko": "무엇의 맵인가"},
    "attention.prompt_language": {"en": "prompt", "ko": "프롬프트"},
    "attention.count": {"en": "maps", "ko": "맵 수"},
    "attention.auc": {"en": "AUC in the mask (chance 0.5)", "ko": "마스크 안 AUC (우연 0.5)"},
    "attention.lift": {
        "en": "weight in the mask / anywhere (chance 1)",
        "ko": "마스크 안의 가중치 / 전체 평균 (우연 1)",
    },
    "attention.place": {"en": "the place's words", "ko": "장소를 말하는 단어"},
    "attention.name": {"en": "its colour's name", "ko": "그 장소의 색 이름"},
    "attention.code": {"en": "its colour code", "ko": "그 장소의 색 코드"},
    "attention.other": {
        "en": "another place's words (control)",
        "ko": "다른 장소의 단어 (대조군)",
    },
    "attention.caption": {
        "en": "{count} pictures, masks of the renderer; mean and 95% interval. Of the asked places "
        "{found} are found in the pictures. Of all attention, the start marker gets {start}, the "
        "words get {words}, the end marker and the padding {end}. {date}, {machine}.",
        "ko": "그림 {count}장, 렌더러의 마스크 기준. 평균과 95% 구간. 요청한 장소 "
        "가운데 {found} 발견. 전체 어텐션 가운데 시작 표시 {start}, 단어 {words}, "
        "끝 표시와 패딩 {end}. {date}, {machine}.",
    },
    "specificity.places": {"en": "places found", "ko": "발견된 장소"},
    "specificity.delta_e": {"en": "ΔE to the colours", "ko": "색까지의 ΔE"},
    "specificity.pixel_spread": {
        "en": "spread over seeds, pixels",
        "ko": "시드에 따른 퍼짐, 픽셀",
    },
    "specificity.feature_spread": {
        "en": "spread over seeds, features",
        "ko": "시드에 따른 퍼짐, 특징",
    },
    "specificity.theme": {"en": "theme alone", "ko": "주제만"},
    "specificity.one_place": {"en": "one place", "ko": "장소 하나"},
    "specificity.all_places": {"en": "all places", "ko": "장소 모두"},
    "specificity.colors": {"en": "all places, with colours", "ko": "장소 모두와 색"},
    "specificity.renderer": {
        "en": "(the renderer, for comparison)",
        "ko": "(비교: 렌더러)",
    },
    "specificity.caption": {
        "en": "{scenes} scenes of three places, both languages, {seeds} seeds each; mean and 95% "
        "interval over scenes and languages. Fidelity counts what was meant, also where the prompt "
        "does not say it. {date}, {machine}.",
        "ko": "장소 셋인 장면 {scenes}개, 두 언어, 시드 {seeds}개씩. 평균과 장면·언어에 대한 "
        "95% 구간. 충실도는 프롬프트가 말하지 않았더라도 원래 뜻한 것을 기준으로 셈. {date}, "
        "{machine}.",
    },
    "check.text_guide_swapped": {
        "en": "The halves are swapped: you walk away from the prompt. The first half of the "
        "batch answers the negative prompt.",
        "ko": "배치의 두 반쪽이 바뀌어서 프롬프트에서 멀어지고 있어요. 앞쪽 반이 네거티브 "
        "프롬프트의 답이에요.",
    },
    "check.text_guide_sign": {
        "en": "Close: the sign is wrong. It is plus the way towards the prompt's answer.",
        "ko": "거의 다 왔어요. 부호가 틀렸어요. 프롬프트의 답으로 가는 길을 더해야 해요.",
    },
    "check.text_guide_paper": {
        "en": "Close: that is the paper's w, which is 0 without guidance. In diffusers "
        "guidance_scale is w + 1.",
        "ko": "거의 다 왔어요. 그건 가이던스가 없을 때 0인 논문의 w예요. diffusers의 "
        "guidance_scale은 w + 1이에요.",
    },
    "check.text_guide_no_start": {
        "en": "Close: that is the scaled difference alone. It starts at the negative prompt's "
        "answer.",
        "ko": "거의 다 왔어요. 그건 배율을 곱한 차이뿐이에요. 네거티브 프롬프트의 답에서 "
        "출발해야 해요.",
    },
    "check.text_guide_forgotten": {
        "en": "That is the prompt's answer, whatever the scale: there is no guidance in it.",
        "ko": "배율이 얼마이든 프롬프트의 답 그대로예요. 가이던스가 들어 있지 않아요.",
    },
    "check.text_guide_negative": {
        "en": "That is the answer to the negative prompt alone.",
        "ko": "네거티브 프롬프트의 답뿐이에요.",
    },
    "check.text_guide_channels": {
        "en": "You cut the channels apart. The two answers lie one after the other in the "
        "batch: dimension 0.",
        "ko": "채널을 나눴어요. 두 답은 배치, 곧 0번 차원에 차례로 놓여 있어요.",
    },
    "check.text_guide_mean": {
        "en": "That is the mean of both answers; guidance_scale has no effect.",
        "ko": "두 답의 평균이라 guidance_scale이 아무 일도 하지 않아요.",
    },
    "check.text_guide_right": {
        "en": "Right. It begins at the negative prompt's answer and goes towards the prompt's, "
        "guidance_scale times as far.",
        "ko": "맞았어요. 네거티브 프롬프트의 답에서 출발해 프롬프트의 답 쪽으로 "
        "guidance_scale배만큼 가요.",
    },
    "check.text_guide_hint1": {
        "en": "Two steps: take the batch apart into its halves, then combine them as in "
        "notebook 05.",
        "ko": "두 단계예요. 배치를 반으로 나누고, 노트북 05처럼 합치세요.",
    },
    "check.text_guide_hint2": {
        "en": "model_output.chunk(2) gives both halves, the negative prompt's first. At scale "
        "1 the prompt's answer should come back.",
        "ko": "model_output.chunk(2)가 두 반쪽을 줘요. 네거티브 프롬프트 쪽이 먼저예요. 배율이 "
        "1이면 프롬프트의 답이 그대로 나와야 해요.",
    },
    "check.text_guide_hint3": {
        "en": "negative + guidance_scale * (positive - negative)",
        "ko": "식은 이래요: negative + guidance_scale * (positive - negative)",
    },
    "check.ends_plain": {
        "en": "Neither end is scaled. The noise has to become as loud as the scheduler "
        "expects, and the latents as small as the decoder knows them.",
        "ko": "양쪽 끝 모두 배율이 빠졌어요. 노이즈는 스케줄러가 기대하는 크기로, 잠재값은 "
        "디코더가 아는 크기로 맞춰야 해요.",
    },
    "check.ends_no_sigma": {
        "en": "The end is right. The start is not: the scheduler wants noise of deviation "
        "init_noise_sigma, not 1.",
        "ko": "끝은 맞아요. 시작이 틀렸어요. 스케줄러는 표준편차가 1이 아니라 "
        "init_noise_sigma인 노이즈를 원해요.",
    },
    "check.ends_no_scale": {
        "en": "The start is right. The end is not: the latents still carry the scaling_factor "
        "of the training.",
        "ko": "시작은 맞아요. 끝이 틀렸어요. 잠재값에 학습 때의 scaling_factor가 아직 곱해져 "
        "있어요.",
    },
    "check.ends_multiplied": {
        "en": "The start is right. At the end you scaled once more: undo the scaling_factor, "
        "do not repeat it.",
        "ko": "시작은 맞아요. 끝에서는 한 번 더 곱했어요. scaling_factor는 되돌려야지 "
        "되풀이하면 안 돼요.",
    },
    "check.ends_divided": {
        "en": "The end is right. At the start you divided: noise of deviation 1 has to become "
        "noise of deviation init_noise_sigma.",
        "ko": "끝은 맞아요. 시작에서는 나눴어요. 표준편차 1인 노이즈를 init_noise_sigma인 "
        "노이즈로 만들어야 해요.",
    },
    "check.ends_mirrored": {
        "en": "Both the wrong way round: multiply the noise, divide the latents.",
        "ko": "둘 다 거꾸로예요. 노이즈에는 곱하고 잠재값은 나누세요.",
    },
    "check.ends_no_sigma_multiplied": {
        "en": "The noise is not scaled, and the latents are multiplied where they should be "
        "divided.",
        "ko": "노이즈에는 배율이 빠졌고, 잠재값은 나눠야 하는데 곱했어요.",
    },
    "check.ends_order": {
        "en": "Both are right, but in the other order: first the start, then what goes into "
        "the decoder.",
        "ko": "둘 다 맞는데 순서가 바뀌었어요. 먼저 시작, 다음이 디코더에 넣을 값이에요.",
    },
    "check.ends_right": {
        "en": "Right: into the loop at the scheduler's scale, out of it at the decoder's.",
        "ko": "맞았어요. 반복문에는 스케줄러의 크기로 들어가고, 디코더의 크기로 나와요.",
    },
    "check.ends_hint1": {
        "en": "Two lines, one for each number: which of the two is about noise, which about "
        "the autoencoder?",
        "ko": "수마다 한 줄이에요. 둘 중 어느 것이 노이즈, 어느 것이 오토인코더에 관한 수일까요?",
    },
    "check.ends_hint2": {
        "en": "In training, the encoder's output was multiplied by scaling_factor. The decoder "
        "wants it back as it was.",
        "ko": "학습할 때 인코더의 출력에 scaling_factor를 곱했어요. 디코더는 원래대로 돌려받고 "
        "싶어 해요.",
    },
    "check.ends_hint3": {
        "en": "return noise * init_noise_sigma, latents / scaling_factor",
        "ko": "식은 이래요: return noise * init_noise_sigma, latents / scaling_factor",
    },
    "check.strength_inverted": {
        "en": "The other way round: that many steps are taken, not skipped. Strength 1 starts "
        "at step 0.",
        "ko": "거꾸로예요. 그만큼을 건너뛰는 게 아니라 그만큼을 걸어요. strength가 1이면 0번 "
        "단계에서 시작해요.",
    },
    "check.strength_share": {
        "en": "That is the share of the steps that is skipped. Turn it into a number of steps.",
        "ko": "그건 건너뛰는 단계의 비율이에요. 단계의 수로 바꾸세요.",
    },
    "check.strength_one_late": {
        "en": "One step too late. Steps are counted from 0.",
        "ko": "한 단계 늦어요. 단계는 0부터 세요.",
    },
    "check.strength_one_early": {
        "en": "One step too early.",
        "ko": "한 단계 일러요.",
    },
    "check.strength_always": {
        "en": "That always starts from the beginning, as if there were no picture.",
        "ko": "항상 처음부터 시작해요. 그림이 없는 것과 같아요.",
    },
    "check.strength_timestep": {
        "en": "That is a timestep of the training. Asked for is an index into the steps that "
        "are taken.",
        "ko": "그건 학습 때의 타임스텝이에요. 구하는 것은 실제로 걷는 단계의 번호예요.",
    },
    "check.strength_right": {
        "en": "Right. Strength says how much of the way from noise to picture is walked.",
        "ko": "맞았어요. strength는 노이즈에서 그림까지의 길을 얼마나 걷는지를 말해요.",
    },
    "check.strength_hint1": {
        "en": "Try the ends: at strength 1 everything is drawn anew; near 0 hardly a step is left.",
        "ko": "양 끝을 보세요. strength가 1이면 모두 새로 그리고, 0에 가까우면 남는 단계가 "
        "거의 없어요.",
    },
    "check.strength_hint2": {
        "en": "int(num_inference_steps * strength) steps are taken, and they are the last ones.",
        "ko": "걷는 단계는 int(num_inference_steps * strength)개이고, 마지막 단계들이에요.",
    },
    "check.strength_hint3": {
        "en": "num_inference_steps - int(num_inference_steps * strength)",
        "ko": "식은 이래요: num_inference_steps - int(num_inference_steps * strength)",
    },
    "check.paste_inverted": {
        "en": "The mask is the wrong way round: white (255) is where the new picture is seen.",
        "ko": "마스크가 거꾸로예요. 흰색(255)인 곳에 새 그림이 보여야 해요.",
    },
    "check.paste_loud": {
        "en": "Close: the mask goes up to 255. Divide it by 255 first.",
        "ko": "거의 다 왔어요. 마스크는 255까지 가요. 먼저 255로 나누세요.",
    },
    "check.paste_loud_255": {
        "en": "Close: divide by 255, or the picture becomes 255 times as bright.",
        "ko": "거의 다 왔어요. 255로 나누지 않으면 그림이 255배 밝아져요.",
    },
    "check.paste_added": {
        "en": "Under the mask both pictures are added up. Take the old one away there.",
        "ko": "마스크 아래에서 두 그림이 더해졌어요. 그곳에서는 옛 그림을 빼야 해요.",
    },
    "check.paste_hole": {
        "en": "The kept part is black. Add the old picture where the mask is 0.",
        "ko": "남겨야 할 곳이 검은색이에요. 마스크가 0인 곳에 옛 그림을 더하세요.",
    },
    "check.paste_hard": {
        "en": "Close: a mask may have soft edges. Grey mixes both pictures.",
        "ko": "거의 다 왔어요. 마스크의 가장자리는 부드러울 수 있어요. 회색에서는 두 그림이 "
        "섞여요.",
    },
    "check.paste_hard_half": {
        "en": "Close: a mask may have soft edges. Grey mixes both pictures, it does not choose.",
        "ko": "거의 다 왔어요. 가장자리는 부드러울 수 있어요. 회색은 하나를 고르지 않고 둘을 "
        "섞어요.",
    },
    "check.paste_nothing": {
        "en": "That is the old picture.",
        "ko": "옛 그림 그대로예요.",
    },
    "check.paste_all": {
        "en": "That is the new picture everywhere: the autoencoder has changed the pixels "
        "outside the mask, too.",
        "ko": "모든 곳이 새 그림이에요. 마스크 밖의 픽셀도 오토인코더를 지나며 바뀌어 있어요.",
    },
    "check.paste_right": {
        "en": "Right. Where the mask is 0, the old pixels come back exactly.",
        "ko": "맞았어요. 마스크가 0인 곳에는 옛 픽셀이 정확히 그대로 돌아와요.",
    },
    "check.paste_hint1": {
        "en": "Each pixel is a mix of two. Which share of it is new?",
        "ko": "픽셀마다 두 그림을 섞어요. 그중 새 그림은 얼마일까요?",
    },
    "check.paste_hint2": {
        "en": "share = mask / 255 is 1 where it is white. The old picture gets the rest.",
        "ko": "share = mask / 255는 흰 곳에서 1이에요. 나머지는 옛 그림의 몫이에요.",
    },
    "check.paste_hint3": {
        "en": "mask / 255 * drawn + (1 - mask / 255) * original",
        "ko": "식은 이래요: mask / 255 * drawn + (1 - mask / 255) * original",
    },
    # Editing and control: pictures, masks, words, schedulers, adapters
    "error.unknown_scheduler": {
        "en": "There is no scheduler {name} to swap in; known are {known}. Take one of these "
        "names, or leave it out for the model's own.",
        "ko": "{name}: 바꿔 끼울 수 있는 스케줄러가 아니에요. 쓸 수 있는 이름은 {known}예요. 이 "
        "가운데 하나를 고르거나, 비워 두면 모델에 딸린 스케줄러를 써요.",
    },
    "error.model_incomplete": {
        "en": "The model {model} is not complete: {parts} missing or cut short, as after a "
        "download that broke off. Download it again, or choose the postcard model, which "
        "is shipped.",
        "ko": "{model} 모델이 온전하지 않아요. 내려받다 끊긴 것처럼 이 부분이 없거나 잘려 "
        "있어요: {parts}. 다시 내려받거나, 함께 설치된 엽서 모델을 골라 주세요.",
    },
    "error.bad_strength": {
        "en": "The strength is {strength}; it is a number from 0 (the picture as it is) to 1 "
        "(drawn anew). Try 0.6.",
        "ko": "세기로 {strength} 값을 받았어요. 0(그림 그대로)부터 1(새로 그림)까지의 수를 넣어 "
        "주세요. 0.6부터 해 보세요.",
    },
    "error.not_a_picture": {
        "en": "Received {kind} in place of a picture. Give a Pillow image or a postcard, for "
        "instance PIL.Image.open(path).",
        "ko": "그림 대신 {kind} 값을 받았어요. Pillow 이미지나 엽서를 넣어 주세요. 예: "
        "PIL.Image.open(path)",
    },
    "error.picture_size": {
        "en": "The picture is {size} pixels; each side may have {smallest} to {largest}. Resize "
        "it with image.resize((width, height)).",
        "ko": "그림 크기가 {size}픽셀이에요. 한 변은 {smallest}에서 {largest}픽셀까지 쓸 수 "
        "있어요. image.resize((width, height))로 크기를 바꿔 주세요.",
    },
    "error.mask_mode": {
        "en": "The mask is of the kind {mode}; it must be a Pillow image of mode L, where white "
        "(255) is drawn anew and black (0) is kept. Convert it with mask.convert('L').",
        "ko": "마스크의 종류가 {mode}예요. 모드가 L인 Pillow 이미지여야 해요. 흰색(255)은 새로 "
        "그리고 검은색(0)은 남겨요. mask.convert('L')로 바꿔 주세요.",
    },
    "error.mask_size": {
        "en": "The mask is {mask} pixels and the picture {picture}; they must be of one size. "
        "Resize the mask with mask.resize(image.size).",
        "ko": "마스크는 {mask}픽셀인데 그림은 {picture}픽셀이에요. 둘의 크기가 같아야 해요. "
        "mask.resize(image.size)로 마스크를 맞춰 주세요.",
    },
    "error.mask_empty": {
        "en": "The mask is black all over, so nothing would be drawn. Paint white (255) over "
        "what is to be drawn anew.",
        "ko": "마스크가 모두 검은색이라 새로 그릴 곳이 없어요. 새로 그릴 곳을 흰색(255)으로 칠해 "
        "주세요.",
    },
    "error.bad_margin": {
        "en": "A margin is {margin}; each of left, right, top and bottom is a whole number of "
        "pixels from 0. Give for instance right=16.",
        "ko": "여백으로 {margin} 값을 받았어요. left, right, top, bottom에는 0 이상의 정수 "
        "픽셀을 넣어 주세요. 예: right=16",
    },
    "error.outpaint_nothing": {
        "en": "All four margins are 0, so there is nothing to add. Give at least one, for "
        "instance right=16.",
        "ko": "네 여백이 모두 0이라 더 그릴 곳이 없어요. 하나라도 넣어 주세요. 예: right=16",
    },
    "error.outpaint_too_much": {
        "en": "The new picture would be {size} pixels; from one of {picture} at most {most} can "
        "be drawn at once. Give smaller margins, or go on from the result.",
        "ko": "새 그림이 {size}픽셀이 돼요. {picture}픽셀 그림에서는 한 번에 {most}픽셀까지 넓힐 "
        "수 있어요. 여백을 줄이거나, 결과에서 이어서 넓혀 주세요.",
    },
    "error.bad_weight": {
        "en": "The weight of '{word}' is {weight}; a weight is a number from -{limit} to {limit} "
        "for a word of the prompt, and 1 changes nothing. Try 1.5.",
        "ko": "'{word}' 낱말의 무게로 {weight} 값을 받았어요. 프롬프트의 낱말마다 -{limit}에서 "
        "{limit}까지의 수를 넣고, 1이면 그대로예요. 1.5부터 해 보세요.",
    },
    "error.word_not_in_prompt": {
        "en": "The word '{word}' is not in what the model reads: \"{read}\". Weight a word that "
        "stands there, written in the same way.",
        "ko": "'{word}' 낱말은 모델이 읽는 글에 없어요: \"{read}\". 그 안에 있는 낱말을 같은 "
        "모양으로 적어 주세요.",
    },
    "error.bad_seeds": {
        "en": "Received {seeds} as seeds; a path goes between two, for instance seeds=(1, 2).",
        "ko": "시드로 {seeds} 값을 받았어요. 길은 두 시드 사이에 나 있어요. 예: seeds=(1, 2)",
    },
    "error.bad_count": {
        "en": "The number of pictures is {count}; a path has 2 to {limit}. Try 5.",
        "ko": "그림 수로 {count} 값을 받았어요. 2장부터 {limit}장까지 그릴 수 있어요. 5장부터 해 "
        "보세요.",
    },
    "error.negative_without_guidance": {
        "en": "A negative prompt works through guidance, and this model draws with a guidance "
        "scale of {guidance_scale}: it would do nothing. Take a scale above 1, as "
        "PipelineBackend(name, guidance_scale=4.0), or leave the negative prompt empty.",
        "ko": "부정 프롬프트는 가이던스를 거쳐 작용하는데, 지금 가이던스 값이 "
        "{guidance_scale}이라 아무 효과가 없어요. PipelineBackend(name, "
        "guidance_scale=4.0)처럼 1보다 큰 값을 쓰거나 부정 프롬프트를 비워 주세요.",
    },
    "error.not_stable_diffusion": {
        "en": "The model {model} is not built like Stable Diffusion 1 or 2 (one text encoder, a "
        "U-Net, a VAE), which this needs. It can still draw from a prompt; for this choose "
        "the postcard model or a Stable Diffusion.",
        "ko": "{model} 모델은 스테이블 디퓨전 1·2와 구조가 달라서(텍스트 인코더 하나, U-Net, "
        "VAE) 이 일은 할 수 없어요. 프롬프트로 그리는 일은 할 수 있어요. 이 일에는 엽서 "
        "모델이나 스테이블 디퓨전을 골라 주세요.",
    },
    "error.lora_needs_peft": {
        "en": "A LoRA needs the package peft, which is not installed. Install it with: python -m "
        'pip install "peft>=0.17,<1"',
        "ko": "LoRA에는 peft 패키지가 필요한데 설치되어 있지 않아요. 이렇게 설치해 주세요: "
        'python -m pip install "peft>=0.17,<1"',
    },
    "error.lora_not_found": {
        "en": "The folder {folder} holds no {file}. Name the folder that python -m "
        "tripkit.training.lora --out wrote.",
        "ko": "{folder} 폴더에 {file} 파일이 없어요. python -m tripkit.training.lora --out "
        "명령이 쓴 폴더를 적어 주세요.",
    },
    "error.lora_incompatible": {
        "en": "The LoRA in {folder} does not fit the model {model}: {problem}. Load it into the "
        "model that it was trained on, or train one for this model: python -m "
        "tripkit.training.lora.",
        "ko": "{folder} 폴더의 LoRA는 {model} 모델에 맞지 않아요: {problem}. 그 LoRA를 학습한 "
        "모델에 넣거나, 이 모델에 맞는 것을 새로 학습해 주세요: python -m "
        "tripkit.training.lora",
    },
    "problem.lora_unreadable": {
        "en": "its file cannot be read",
        "ko": "파일을 읽을 수 없음",
    },
    "problem.lora_refused": {
        "en": "the layers did not take it ({kind})",
        "ko": "층이 받아들이지 않음({kind})",
    },
    "problem.lora_no_layer": {
        "en": "the model has no layer {layer}",
        "ko": "모델에 {layer} 층이 없음",
    },
    "problem.lora_width": {
        "en": "{layer} has a width of {expected}, and the LoRA one of {received}",
        "ko": "{layer} 층의 너비는 {expected}인데 LoRA는 {received}",
    },
    "problem.lora_no_matrices": {
        "en": "it holds no LoRA matrices",
        "ko": "LoRA 행렬이 들어 있지 않음",
    },
    "note.varied": {
        "en": "Drawn from a picture with a strength of {percent}%.",
        "ko": "그림에서 출발해 {percent}% 세기로 그렸어요.",
    },
    "note.edited": {
        "en": "Drawn anew inside the mask only ({percent}% of the picture).",
        "ko": "마스크 안쪽만 새로 그렸어요(그림의 {percent}%).",
    },
    "note.outpainted": {
        "en": "Drawn on beyond the picture's edges: {left} pixels left, {right} right, {top} "
        "above, {bottom} below.",
        "ko": "그림의 가장자리 밖으로 이어 그렸어요: 왼쪽 {left}, 오른쪽 {right}, 위 {top}, 아래 "
        "{bottom}픽셀.",
    },
    "note.interpolated": {
        "en": "{percent}% of the way from seed {start} to seed {end}.",
        "ko": "시드 {start}에서 시드 {end}까지 가는 길의 {percent}% 지점이에요.",
    },
    "note.weights": {
        "en": "Words weighted: {weights}.",
        "ko": "낱말의 무게: {weights}.",
    },
    "note.negative": {
        "en": "Led away from: {words}.",
        "ko": "이것에서 멀어지게 그렸어요: {words}.",
    },
    "note.scheduler": {
        "en": "Scheduler: {name}.",
        "ko": "스케줄러: {name}.",
    },
    "note.lora": {
        "en": "With the LoRA of {folder}.",
        "ko": "LoRA를 넣었어요: {folder}.",
    },
}
