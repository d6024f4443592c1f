import os

# Before anything imports NumPy: a second thread of its only spins, and costs as much as it gains.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
