"""The statistical linker: which skills of a taxonomy a sentence speaks of, also in other words than the taxonomy's.

``words`` -> ``encoder`` -> ``index`` -> ``features`` -> ``reranker`` -> ``linker``; ``training`` makes the reranker.
"""
