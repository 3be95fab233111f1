"""Starts the Triton that PyTriton brings along, by its own command line, with triton_model.py.

Its configuration is config.pbtxt, with variables of the environment, where there is one.
"""

import os
import shutil
import sys
import sysconfig
from importlib.metadata import distribution
from pathlib import Path

HTTP, METRICS, GRPC, *MORE = sys.argv[1:]
CONFIG = """
backend: "python"
input [{ name: "x", data_type: TYPE_FP32, dims: [1] }]
output [{ name: "y", data_type: TYPE_FP32, dims: [1] }]
"""

triton = Path(str(distribution("nvidia-pytriton").locate_file("pytriton"))) / "tritonserver"
libraries = triton.parents[1] / "nvidia_pytriton.libs"
version = f"{sys.version_info.major}.{sys.version_info.minor}"
backends, model = Path("backends").absolute(), Path("repository", "fraud").absolute()
shutil.copytree(triton / "backends", backends)
stub = triton / "python_backend_stubs" / version / "triton_python_backend_stub"
shutil.copy(stub, backends / "python")
(model / "1").mkdir(parents=True)
written = Path("config.pbtxt")
config = os.path.expandvars(written.read_text()) if written.exists() else CONFIG
(model / "config.pbtxt").write_text(config)
shutil.copy("triton_model.py", model / "1" / "model.py")
for file in ("model.joblib", "baseline.json"):
    if Path(file).exists():
        shutil.copy(file, model / "1")
# Its models run in this Python, with what is installed for it: another may be the system's.
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
own = str(sysconfig.get_config_var("LIBDIR"))
os.environ["LD_LIBRARY_PATH"] = os.pathsep.join([own, str(libraries)])
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
program = str(triton / "bin" / "tritonserver")
flags = [
    f"--model-repository={model.parent}",
    f"--backend-directory={backends}",
    f"--http-port={HTTP}",
    f"--metrics-port={METRICS}",
    f"--grpc-port={GRPC}",
    *MORE,
]
os.execv(program, [program, *flags])
