"""Train one version of a model: python3 train.py VERSION FILE.

Versions 1 and 2 take rows with values that are missing. Version 3 forgot to: the data it was
trained and tested on has none.
"""

import sys

import joblib
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

VERSIONS = {
    "1": make_pipeline(SimpleImputer(strategy="median"), StandardScaler(), LogisticRegression()),
    "2": HistGradientBoostingClassifier(max_iter=60),
    "3": make_pipeline(StandardScaler(), LogisticRegression()),
}

if __name__ == "__main__":
    version, path = sys.argv[1:]
    rows, benign = load_breast_cancer(return_X_y=True)
    joblib.dump(VERSIONS[version].fit(rows, 1 - benign), path)
