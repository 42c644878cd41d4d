"""The types that every process shares. Standard library only; imports nothing of ours.

``quantity`` and ``location`` are the words of the result file, ``result`` the file itself,
``recording`` what one recorded step holds, ``messages`` what engine and agent say to each other,
``codec`` turns all of them into JSON and back, checking every field.
"""
