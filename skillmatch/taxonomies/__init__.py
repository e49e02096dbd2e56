"""Where taxonomies come from: the project's own CSV form, and what ``taxonomy build`` makes of other people's.

A source (`esco`, `onet`, `skos`, `tables`) is read into a `draft.Draft`; `build` repairs it, adds names, takes a subset
and writes it as a folder of tables (`store`), which `skillmatch.taxonomy.load_taxonomy` reads.
"""
