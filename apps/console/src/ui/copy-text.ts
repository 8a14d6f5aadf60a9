/** Copies a text; false when the browser refuses. Plain-http pages have no clipboard API, so a selection is copied there. */
export async function copyText(value: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(value);
    return true;
  } catch {
    return copySelection(value);
  }
}

function copySelection(value: string): boolean {
  const area = document.createElement('textarea');
  area.value = value;
  area.readOnly = true;
  area.className = 'visually-hidden';
  const dialog = document.querySelector('[role="dialog"]');
  (dialog ?? document.body).append(area);
  area.select();
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only way on a page without TLS
  const done = document.execCommand('copy');
  area.remove();
  return done;
}
