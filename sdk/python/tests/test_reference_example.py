"""The example that MecaPy was conceived from, exactly as it stands there."""

import os
import subprocess
import sys

from support.server import Server

EXAMPLE = '''\
from mecapy import MecaPy

client = MecaPy(token="xxx")

task = client.tasks.create(
    name="Calcul contrainte vis",
    code="""
def calculate(inputs):
    import numpy as np
    force = inputs['force']
    section = inputs['section']
    return {'stress': force / section}
""",
    inputs={"force": 1000, "section": 10}
)
result = task.execute()  # Bloquant
# OU
task.execute_async()  # Non-bloquant
if task.status == "completed":
    print(task.result)  # {'stress': 100}
'''


def test_the_example_prints_the_stress(server: Server) -> None:
    environment = {**os.environ, "MECAPY_URL": server.url, "PYTHONPATH": "src"}
    command = [sys.executable, "-c", EXAMPLE]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (ran.stdout, ran.returncode) == ("{'stress': 100.0}\n", 0), ran.stderr
