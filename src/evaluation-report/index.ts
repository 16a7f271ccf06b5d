export { type EvaluationToReport, requireReportFolder, writeEvaluationReport } from './write-report.js';
