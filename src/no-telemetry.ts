/**
 * From version 1.29 on ONNX Runtime reports its use to its maker, and keeps a number for that in the user's home, unless the
 * environment forbids it when it is first used. A thread cannot change its process' environment: what starts one imports this.
 */
process.env.ORT_DISABLE_TELEMETRY = '1';
