import subprocess
import sys

from doitkit import api


def test_every_verb_is_the_function_even_after_its_room_was_imported() -> None:
    import doitkit.build
    import doitkit.loop
    import doitkit.plan
    import doitkit.report
    import doitkit.train

    for name in doitkit.__all__:
        if name != "__version__":
            assert getattr(doitkit, name) is getattr(api, name)


def test_the_rooms_are_still_there_to_import_from() -> None:
    from doitkit.plan import Plan
    from doitkit.train import Run

    assert Plan.__module__ == "doitkit.plan.plan"
    assert Run.__module__ == "doitkit.train.run"


def test_the_import_is_light() -> None:
    script = (
        "import doitkit, sys\n"
        "print(sorted({'polars', 'torch', 'numpy', 'yaml'} & set(sys.modules)))"
    )
    shown = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, check=True
    )
    assert shown.stdout.strip() == "[]"
