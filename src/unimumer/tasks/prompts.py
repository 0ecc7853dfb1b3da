"""The questions put to a model, word for word as the released data has them.

Sources: recognize, tree and count from the authors' data files; find and fix from third-party copies of them
(arXiv 2505.23566 describes all five). Changing a character here changes what a released model was trained on.
"""

_IMAGE = "I have an image of a handwritten mathematical expression"

SYSTEM = "You are a helpful assistant."

RECOGNIZE = f"{_IMAGE}. Please write out the expression of the formula in the image using LaTeX format."

TREE = (
    f"{_IMAGE}. Please generate the abstract syntax tree (AST) of the formula in the image, "
    "and then provide its corresponding LaTeX format."
)

COUNT = (
    f"{_IMAGE}. Please identify and count each distinct visible mathematical symbol in the image, "
    "and then provide its corresponding LaTeX format."
)

FIND_ERRORS = (
    f"{_IMAGE} and its OCR recognition result. Please help me to detect possible errors in the recognition result "
    "and mark the places where errors occur with <error_start> <error_end> and <deleted>."
)

FIX_ERRORS = (
    f"{_IMAGE} and a predicted formula with error tags, correct the formula by modifying the parts marked with "
    "<error_start> and <error_end> and inserting content where <deleted> are present. Output the modifications in "
    "a single string with the following format: REPLACE:old -> new for errors to be replaced. INSERT:content after "
    "position for missing content. DELETE:to_delete for parts to be removed."
)
