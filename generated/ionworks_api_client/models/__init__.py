"""Requests and responses of the service. Generated; do not edit.

A model is imported on first use, because importing all of them takes longer than most calls.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .capabilities import Capabilities
    from .cell_component import CellComponent
    from .cell_component_request import CellComponentRequest
    from .cell_instance import CellInstance
    from .cell_instance_page import CellInstancePage
    from .cell_instance_request import CellInstanceRequest
    from .cell_instance_update import CellInstanceUpdate
    from .cell_measurement import CellMeasurement
    from .cell_measurement_page import CellMeasurementPage
    from .cell_measurement_update import CellMeasurementUpdate
    from .cell_specification import CellSpecification
    from .cell_specification_page import CellSpecificationPage
    from .cell_specification_request import CellSpecificationRequest
    from .cell_specification_update import CellSpecificationUpdate
    from .citations import Citations
    from .columns import Columns
    from .conversion_target import ConversionTarget
    from .converted_file import ConvertedFile
    from .current_user import CurrentUser
    from .custom_model_upload import CustomModelUpload
    from .custom_variable_request import CustomVariableRequest
    from .design_of_experiments import DesignOfExperiments
    from .design_row import DesignRow
    from .design_row_type import DesignRowType
    from .empty_request import EmptyRequest
    from .health import Health
    from .inline_model_reference import InlineModelReference
    from .job import Job
    from .job_metadata import JobMetadata
    from .job_page import JobPage
    from .job_request import JobRequest
    from .material_request import MaterialRequest
    from .measurement_confirmation_request import MeasurementConfirmationRequest
    from .measurement_cycles import MeasurementCycles
    from .measurement_files import MeasurementFiles
    from .measurement_steps_and_cycles import MeasurementStepsAndCycles
    from .measurement_tag import MeasurementTag
    from .measurement_tag_page import MeasurementTagPage
    from .measurement_tags_change import MeasurementTagsChange
    from .measurement_tags_request import MeasurementTagsRequest
    from .measurement_type import MeasurementType
    from .measurement_upload import MeasurementUpload
    from .measurement_upload_request import MeasurementUploadRequest
    from .measurement_watch import MeasurementWatch
    from .model import Model
    from .model_chemistry import ModelChemistry
    from .model_page import ModelPage
    from .model_request import ModelRequest
    from .model_serialization_request import ModelSerializationRequest
    from .model_update import ModelUpdate
    from .note import Note
    from .notes_of_runs import NotesOfRuns
    from .openapi_document import OpenapiDocument
    from .organization_reference import OrganizationReference
    from .parameter_values import ParameterValues
    from .parameterized_model import ParameterizedModel
    from .parameterized_model_page import ParameterizedModelPage
    from .parameterized_model_request import ParameterizedModelRequest
    from .parameterized_model_update import ParameterizedModelUpdate
    from .parsed_protocol_file import ParsedProtocolFile
    from .pipeline import Pipeline
    from .pipeline_element import PipelineElement
    from .pipeline_list import PipelineList
    from .pipeline_options import PipelineOptions
    from .pipeline_request import PipelineRequest
    from .pipeline_result import PipelineResult
    from .pipeline_update import PipelineUpdate
    from .plot_data import PlotData
    from .plot_trace import PlotTrace
    from .project import Project
    from .project_invite import ProjectInvite
    from .project_invite_request import ProjectInviteRequest
    from .project_member import ProjectMember
    from .project_member_request import ProjectMemberRequest
    from .project_member_update import ProjectMemberUpdate
    from .project_page import ProjectPage
    from .project_request import ProjectRequest
    from .project_role import ProjectRole
    from .project_update import ProjectUpdate
    from .properties_measurement_request import PropertiesMeasurementRequest
    from .protocol import Protocol
    from .protocol_conversion import ProtocolConversion
    from .protocol_conversion_request import ProtocolConversionRequest
    from .protocol_experiment import ProtocolExperiment
    from .protocol_file_upload import ProtocolFileUpload
    from .protocol_page import ProtocolPage
    from .protocol_request import ProtocolRequest
    from .protocol_template_reference import ProtocolTemplateReference
    from .protocol_template_request import ProtocolTemplateRequest
    from .protocol_text import ProtocolText
    from .protocol_update import ProtocolUpdate
    from .protocol_validation import ProtocolValidation
    from .provenance import Provenance
    from .pybamm_model_catalogue import PybammModelCatalogue
    from .pybamm_model_request import PybammModelRequest
    from .pybamm_model_validation import PybammModelValidation
    from .quick_model import QuickModel
    from .quick_model_reference import QuickModelReference
    from .raw_data_attachment import RawDataAttachment
    from .raw_data_page import RawDataPage
    from .raw_data_reference import RawDataReference
    from .raw_data_request import RawDataRequest
    from .repetition_request import RepetitionRequest
    from .result_part import ResultPart
    from .results_request import ResultsRequest
    from .sampling_strategy import SamplingStrategy
    from .schema_document import SchemaDocument
    from .serialized_model import SerializedModel
    from .series_channels import SeriesChannels
    from .series_source import SeriesSource
    from .simple_pipeline import SimplePipeline
    from .simple_pipeline_config import SimplePipelineConfig
    from .simple_pipeline_page import SimplePipelinePage
    from .simple_pipeline_request import SimplePipelineRequest
    from .simulation import Simulation
    from .simulation_batch_receipt import SimulationBatchReceipt
    from .simulation_batch_request import SimulationBatchRequest
    from .simulation_condition import SimulationCondition
    from .simulation_estimate import SimulationEstimate
    from .simulation_list import SimulationList
    from .simulation_plan import SimulationPlan
    from .simulation_plan_request import SimulationPlanRequest
    from .simulation_result_document import SimulationResultDocument
    from .simulation_script import SimulationScript
    from .simulation_selection import SimulationSelection
    from .simulation_state import SimulationState
    from .simulation_status import SimulationStatus
    from .simulation_status_request import SimulationStatusRequest
    from .simulation_submission import SimulationSubmission
    from .simulation_table import SimulationTable
    from .sort_order import SortOrder
    from .status_of_runs import StatusOfRuns
    from .study import Study
    from .study_assignment import StudyAssignment
    from .study_page import StudyPage
    from .study_request import StudyRequest
    from .study_update import StudyUpdate
    from .submission_statuses import SubmissionStatuses
    from .unknown_simulations import UnknownSimulations
    from .upload_target import UploadTarget
else:
    _MODULES = {
        "Capabilities": ".capabilities",
        "CellComponent": ".cell_component",
        "CellComponentRequest": ".cell_component_request",
        "CellInstance": ".cell_instance",
        "CellInstancePage": ".cell_instance_page",
        "CellInstanceRequest": ".cell_instance_request",
        "CellInstanceUpdate": ".cell_instance_update",
        "CellMeasurement": ".cell_measurement",
        "CellMeasurementPage": ".cell_measurement_page",
        "CellMeasurementUpdate": ".cell_measurement_update",
        "CellSpecification": ".cell_specification",
        "CellSpecificationPage": ".cell_specification_page",
        "CellSpecificationRequest": ".cell_specification_request",
        "CellSpecificationUpdate": ".cell_specification_update",
        "Citations": ".citations",
        "Columns": ".columns",
        "ConversionTarget": ".conversion_target",
        "ConvertedFile": ".converted_file",
        "CurrentUser": ".current_user",
        "CustomModelUpload": ".custom_model_upload",
        "CustomVariableRequest": ".custom_variable_request",
        "DesignOfExperiments": ".design_of_experiments",
        "DesignRow": ".design_row",
        "DesignRowType": ".design_row_type",
        "EmptyRequest": ".empty_request",
        "Health": ".health",
        "InlineModelReference": ".inline_model_reference",
        "Job": ".job",
        "JobMetadata": ".job_metadata",
        "JobPage": ".job_page",
        "JobRequest": ".job_request",
        "MaterialRequest": ".material_request",
        "MeasurementConfirmationRequest": ".measurement_confirmation_request",
        "MeasurementCycles": ".measurement_cycles",
        "MeasurementFiles": ".measurement_files",
        "MeasurementStepsAndCycles": ".measurement_steps_and_cycles",
        "MeasurementTag": ".measurement_tag",
        "MeasurementTagPage": ".measurement_tag_page",
        "MeasurementTagsChange": ".measurement_tags_change",
        "MeasurementTagsRequest": ".measurement_tags_request",
        "MeasurementType": ".measurement_type",
        "MeasurementUpload": ".measurement_upload",
        "MeasurementUploadRequest": ".measurement_upload_request",
        "MeasurementWatch": ".measurement_watch",
        "Model": ".model",
        "ModelChemistry": ".model_chemistry",
        "ModelPage": ".model_page",
        "ModelRequest": ".model_request",
        "ModelSerializationRequest": ".model_serialization_request",
        "ModelUpdate": ".model_update",
        "Note": ".note",
        "NotesOfRuns": ".notes_of_runs",
        "OpenapiDocument": ".openapi_document",
        "OrganizationReference": ".organization_reference",
        "ParameterValues": ".parameter_values",
        "ParameterizedModel": ".parameterized_model",
        "ParameterizedModelPage": ".parameterized_model_page",
        "ParameterizedModelRequest": ".parameterized_model_request",
        "ParameterizedModelUpdate": ".parameterized_model_update",
        "ParsedProtocolFile": ".parsed_protocol_file",
        "Pipeline": ".pipeline",
        "PipelineElement": ".pipeline_element",
        "PipelineList": ".pipeline_list",
        "PipelineOptions": ".pipeline_options",
        "PipelineRequest": ".pipeline_request",
        "PipelineResult": ".pipeline_result",
        "PipelineUpdate": ".pipeline_update",
        "PlotData": ".plot_data",
        "PlotTrace": ".plot_trace",
        "Project": ".project",
        "ProjectInvite": ".project_invite",
        "ProjectInviteRequest": ".project_invite_request",
        "ProjectMember": ".project_member",
        "ProjectMemberRequest": ".project_member_request",
        "ProjectMemberUpdate": ".project_member_update",
        "ProjectPage": ".project_page",
        "ProjectRequest": ".project_request",
        "ProjectRole": ".project_role",
        "ProjectUpdate": ".project_update",
        "PropertiesMeasurementRequest": ".properties_measurement_request",
        "Protocol": ".protocol",
        "ProtocolConversion": ".protocol_conversion",
        "ProtocolConversionRequest": ".protocol_conversion_request",
        "ProtocolExperiment": ".protocol_experiment",
        "ProtocolFileUpload": ".protocol_file_upload",
        "ProtocolPage": ".protocol_page",
        "ProtocolRequest": ".protocol_request",
        "ProtocolTemplateReference": ".protocol_template_reference",
        "ProtocolTemplateRequest": ".protocol_template_request",
        "ProtocolText": ".protocol_text",
        "ProtocolUpdate": ".protocol_update",
        "ProtocolValidation": ".protocol_validation",
        "Provenance": ".provenance",
        "PybammModelCatalogue": ".pybamm_model_catalogue",
        "PybammModelRequest": ".pybamm_model_request",
        "PybammModelValidation": ".pybamm_model_validation",
        "QuickModel": ".quick_model",
        "QuickModelReference": ".quick_model_reference",
        "RawDataAttachment": ".raw_data_attachment",
        "RawDataPage": ".raw_data_page",
        "RawDataReference": ".raw_data_reference",
        "RawDataRequest": ".raw_data_request",
        "RepetitionRequest": ".repetition_request",
        "ResultPart": ".result_part",
        "ResultsRequest": ".results_request",
        "SamplingStrategy": ".sampling_strategy",
        "SchemaDocument": ".schema_document",
        "SerializedModel": ".serialized_model",
        "SeriesChannels": ".series_channels",
        "SeriesSource": ".series_source",
        "SimplePipeline": ".simple_pipeline",
        "SimplePipelineConfig": ".simple_pipeline_config",
        "SimplePipelinePage": ".simple_pipeline_page",
        "SimplePipelineRequest": ".simple_pipeline_request",
        "Simulation": ".simulation",
        "SimulationBatchReceipt": ".simulation_batch_receipt",
        "SimulationBatchRequest": ".simulation_batch_request",
        "SimulationCondition": ".simulation_condition",
        "SimulationEstimate": ".simulation_estimate",
        "SimulationList": ".simulation_list",
        "SimulationPlan": ".simulation_plan",
        "SimulationPlanRequest": ".simulation_plan_request",
        "SimulationResultDocument": ".simulation_result_document",
        "SimulationScript": ".simulation_script",
        "SimulationSelection": ".simulation_selection",
        "SimulationState": ".simulation_state",
        "SimulationStatus": ".simulation_status",
        "SimulationStatusRequest": ".simulation_status_request",
        "SimulationSubmission": ".simulation_submission",
        "SimulationTable": ".simulation_table",
        "SortOrder": ".sort_order",
        "StatusOfRuns": ".status_of_runs",
        "Study": ".study",
        "StudyAssignment": ".study_assignment",
        "StudyPage": ".study_page",
        "StudyRequest": ".study_request",
        "StudyUpdate": ".study_update",
        "SubmissionStatuses": ".submission_statuses",
        "UnknownSimulations": ".unknown_simulations",
        "UploadTarget": ".upload_target",
    }

    def __getattr__(name):
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        model = getattr(import_module(_MODULES[name], __name__), name)
        globals()[name] = model
        return model

    def __dir__():
        return sorted(__all__)


__all__ = (
    "Capabilities",
    "CellComponent",
    "CellComponentRequest",
    "CellInstance",
    "CellInstancePage",
    "CellInstanceRequest",
    "CellInstanceUpdate",
    "CellMeasurement",
    "CellMeasurementPage",
    "CellMeasurementUpdate",
    "CellSpecification",
    "CellSpecificationPage",
    "CellSpecificationRequest",
    "CellSpecificationUpdate",
    "Citations",
    "Columns",
    "ConversionTarget",
    "ConvertedFile",
    "CurrentUser",
    "CustomModelUpload",
    "CustomVariableRequest",
    "DesignOfExperiments",
    "DesignRow",
    "DesignRowType",
    "EmptyRequest",
    "Health",
    "InlineModelReference",
    "Job",
    "JobMetadata",
    "JobPage",
    "JobRequest",
    "MaterialRequest",
    "MeasurementConfirmationRequest",
    "MeasurementCycles",
    "MeasurementFiles",
    "MeasurementStepsAndCycles",
    "MeasurementTag",
    "MeasurementTagPage",
    "MeasurementTagsChange",
    "MeasurementTagsRequest",
    "MeasurementType",
    "MeasurementUpload",
    "MeasurementUploadRequest",
    "MeasurementWatch",
    "Model",
    "ModelChemistry",
    "ModelPage",
    "ModelRequest",
    "ModelSerializationRequest",
    "ModelUpdate",
    "Note",
    "NotesOfRuns",
    "OpenapiDocument",
    "OrganizationReference",
    "ParameterValues",
    "ParameterizedModel",
    "ParameterizedModelPage",
    "ParameterizedModelRequest",
    "ParameterizedModelUpdate",
    "ParsedProtocolFile",
    "Pipeline",
    "PipelineElement",
    "PipelineList",
    "PipelineOptions",
    "PipelineRequest",
    "PipelineResult",
    "PipelineUpdate",
    "PlotData",
    "PlotTrace",
    "Project",
    "ProjectInvite",
    "ProjectInviteRequest",
    "ProjectMember",
    "ProjectMemberRequest",
    "ProjectMemberUpdate",
    "ProjectPage",
    "ProjectRequest",
    "ProjectRole",
    "ProjectUpdate",
    "PropertiesMeasurementRequest",
    "Protocol",
    "ProtocolConversion",
    "ProtocolConversionRequest",
    "ProtocolExperiment",
    "ProtocolFileUpload",
    "ProtocolPage",
    "ProtocolRequest",
    "ProtocolTemplateReference",
    "ProtocolTemplateRequest",
    "ProtocolText",
    "ProtocolUpdate",
    "ProtocolValidation",
    "Provenance",
    "PybammModelCatalogue",
    "PybammModelRequest",
    "PybammModelValidation",
    "QuickModel",
    "QuickModelReference",
    "RawDataAttachment",
    "RawDataPage",
    "RawDataReference",
    "RawDataRequest",
    "RepetitionRequest",
    "ResultPart",
    "ResultsRequest",
    "SamplingStrategy",
    "SchemaDocument",
    "SerializedModel",
    "SeriesChannels",
    "SeriesSource",
    "SimplePipeline",
    "SimplePipelineConfig",
    "SimplePipelinePage",
    "SimplePipelineRequest",
    "Simulation",
    "SimulationBatchReceipt",
    "SimulationBatchRequest",
    "SimulationCondition",
    "SimulationEstimate",
    "SimulationList",
    "SimulationPlan",
    "SimulationPlanRequest",
    "SimulationResultDocument",
    "SimulationScript",
    "SimulationSelection",
    "SimulationState",
    "SimulationStatus",
    "SimulationStatusRequest",
    "SimulationSubmission",
    "SimulationTable",
    "SortOrder",
    "StatusOfRuns",
    "Study",
    "StudyAssignment",
    "StudyPage",
    "StudyRequest",
    "StudyUpdate",
    "SubmissionStatuses",
    "UnknownSimulations",
    "UploadTarget",
)
