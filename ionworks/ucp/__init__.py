"""The Universal Cycler Protocol: reading, checking, filling in and writing protocols.

It needs neither a server nor a simulator.

>>> from ionworks import ucp
>>> result = ucp.parse("steps: [{Rest: {duration: 60}}]")
>>> result.protocol.steps[0].kind
'Rest'
"""

from ionworks.ucp.checks.jumps import TargetIndex, find_target
from ionworks.ucp.cyclers.conversion import convert
from ionworks.ucp.cyclers.export.result import ConvertedProtocol
from ionworks.ucp.cyclers.read.files import VendorFile, parse_file
from ionworks.ucp.drive_cycles import (
    required_drive_cycles,
    unused_drive_cycles,
    with_drive_cycles,
)
from ionworks.ucp.experiments import experiment_document, without_sentences
from ionworks.ucp.expressions import Expr, constant, evaluate
from ionworks.ucp.given import check_parameters, unused_parameters
from ionworks.ucp.inputs import input_names
from ionworks.ucp.nodes import (
    Assignment,
    Block,
    End,
    Global,
    InitialState,
    Leaf,
    Marker,
    Profile,
    Protocol,
    Resolution,
    Safety,
    SafetyLimit,
    Sweep,
    Wave,
)
from ionworks.ucp.parse import ParseResult, find_input_references, parse, validate
from ionworks.ucp.parser.load import load
from ionworks.ucp.problems import ExpressionError, Problem, UCPError
from ionworks.ucp.resolve import required_inputs, resolve
from ionworks.ucp.text.prose import human_readable
from ionworks.ucp.text.schema import schema
from ionworks.ucp.text.yaml import to_document, to_yaml

__all__ = [
    "Assignment",
    "Block",
    "ConvertedProtocol",
    "End",
    "Expr",
    "ExpressionError",
    "Global",
    "InitialState",
    "Leaf",
    "Marker",
    "ParseResult",
    "Problem",
    "Profile",
    "Protocol",
    "Resolution",
    "Safety",
    "SafetyLimit",
    "Sweep",
    "TargetIndex",
    "UCPError",
    "VendorFile",
    "Wave",
    "check_parameters",
    "constant",
    "convert",
    "evaluate",
    "experiment_document",
    "find_input_references",
    "find_target",
    "human_readable",
    "input_names",
    "load",
    "parse",
    "parse_file",
    "required_drive_cycles",
    "required_inputs",
    "resolve",
    "schema",
    "to_document",
    "to_yaml",
    "unused_drive_cycles",
    "unused_parameters",
    "validate",
    "with_drive_cycles",
    "without_sentences",
]
