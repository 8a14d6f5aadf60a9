/** A program that is needed is not there and cannot be installed from here. The message says what to install. */
export class EngineMissingError extends Error {
  name = 'EngineMissingError';
}

/** A server was started and is not usable. The message ends with the last lines of its log. */
export class EngineNotReadyError extends Error {
  name = 'EngineNotReadyError';
}
