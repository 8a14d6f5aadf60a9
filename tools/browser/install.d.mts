/** The path of a Chromium, installed first where there is none. Throws with what a person can do. */
export function chromium(): string;

/** Whether there is no Chromium yet. */
export function isMissing(): boolean;
