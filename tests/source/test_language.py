"""Languages and scripts, from short texts in them."""

import pytest

from doitkit.source.language import language_of

TEXTS = {
    "English": "The train was late again, so we walked along the river and talked about what we "
    "would do if it did not come at all. It was colder than I had thought, but the light on the "
    "water was worth it, and my brother did not complain once.",
    "German": "Der Zug kam wieder zu spät, also gingen wir am Fluss entlang und sprachen darüber, "
    "was wir tun würden, wenn er gar nicht käme. Es war kälter, als ich gedacht hatte, aber das "
    "Licht auf dem Wasser war es wert, und mein Bruder hat sich nicht ein einziges Mal beklagt.",
    "French": "Le train était encore en retard, alors nous avons marché le long de la rivière et "
    "parlé de ce que nous ferions si le train ne venait pas du tout. Il faisait plus froid que je "
    "ne pensais, mais la lumière sur l'eau en valait la peine, et mon frère ne se plaignait pas.",
    "Spanish": "El tren llegó tarde otra vez, así que caminamos por la orilla del río y hablamos "
    "de lo que haríamos si no venía. Hacía más frío de lo que yo pensaba, pero la luz en el agua "
    "valía la pena, y mi hermano no se quejó ni una sola vez en todo el camino.",
    "Portuguese": "O trem atrasou de novo, então andamos pela margem do rio e falamos do que "
    "faríamos se ele não viesse. Estava mais frio do que eu pensava, mas a luz na água valia a "
    "pena, e o meu irmão não se queixou nem uma vez em todo o caminho para a cidade.",
    "Italian": "Il treno era di nuovo in ritardo, quindi abbiamo camminato lungo il fiume e "
    "parlato di cosa avremmo fatto se non fosse arrivato. Era più freddo di quanto io pensassi, "
    "ma la luce sull'acqua ne valeva la pena, e mio fratello non si è lamentato per tutta la via.",
    "Dutch": "De trein was weer te laat, dus liepen we langs de rivier en spraken over wat we "
    "zouden doen als hij niet kwam. Het was kouder dan ik had gedacht, maar het licht op het water "
    "was het waard, en mijn broer heeft zich op de hele weg naar de stad niet beklaagd.",
    "Latin script": "Pociąg znowu się spóźnił, więc poszliśmy wzdłuż rzeki i rozmawialiśmy o tym, "
    "co zrobimy, jeśli wcale nie przyjedzie. Było zimniej, niż myślałem, ale światło na wodzie "
    "było tego warte, a mój brat ani razu nie narzekał podczas całej drogi do miasta wieczorem.",
    "Cyrillic script": "Поезд снова опоздал, поэтому мы пошли вдоль реки и говорили о погоде.",
    "Arabic script": "تأخر القطار مرة أخرى فمشينا على طول النهر وتحدثنا عن الطقس.",
    "Han script": "火车又晚点了,所以我们沿着河边走,聊着天气和明天的打算。",
    "Japanese script": "電車がまた遅れたので、川沿いを歩きながら天気の話をしました。",
    "Hangul script": "기차가 또 늦어서 우리는 강을 따라 걸으며 날씨 이야기를 했다.",
    "Devanagari script": "ट्रेन फिर देर से आई, इसलिए हम नदी के किनारे चले।",
}


@pytest.mark.parametrize("language", TEXTS)
def test_a_text_is_told_by_its_letters_and_commonest_words(language: str) -> None:
    assert language_of([TEXTS[language]]) == language


def test_what_is_too_little_or_too_even_is_a_script_and_no_language() -> None:
    assert language_of(["The train was late."]) == "Latin script"
    assert language_of(["y " * 500]) == "Latin script"
    assert language_of([TEXTS["English"], TEXTS["German"]]) == "Latin script"


def test_two_scripts_are_both_named_and_a_few_foreign_letters_are_not() -> None:
    chinese = TEXTS["Han script"]
    assert language_of([chinese * 3, "x y"]) == "Han script"
    assert language_of([chinese, "sin cos tan alpha beta gamma"]) in (
        "Han and Latin script",
        "Latin and Han script",
    )


def test_no_letters() -> None:
    assert language_of([]) == "no letters"
    assert language_of(["12 + 30 = 42", "\U0001f600"]) == "no letters"
