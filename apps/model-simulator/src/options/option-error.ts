/** An option that cannot be used; the message names the option and says what is allowed. */
export class OptionError extends Error {
  override readonly name = 'OptionError';
}
