import { setStage } from '../support/stage.js';
import { json, refuse } from '../support/stand-in.js';

const TIMEOUT_MS = 90_000;
const EMAIL = 'mira@northwind.example';
const stage = setStage();
const { standIn } = stage;

afterEach(() => standIn.answers.clear());

it(
  'a list is filtered by chips that stand in the address: a reload keeps them, and each is taken away by itself',
  async () => {
    const asked: string[] = [];
    standIn.answers.set('GET /api/v1/requests', (request, response) => {
      asked.push(new URL(request.url ?? '', stage.origin).searchParams.get('status') ?? 'any');
      json(response, { object: 'list', data: [], first_id: null, last_id: null, has_more: false });
    });
    const { page, context } = await stage.open();
    const statusOfAddress = (): string | null => new URL(page.url()).searchParams.get('status');
    await page.goto('/console/requests');
    await page.getByText('No requests in this time').waitFor();
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Status' }).click();
    await page.getByRole('button', { name: '404', exact: true }).click();
    await page.getByText('No request matches').waitFor();
    expect([statusOfAddress(), asked.at(-1)]).toEqual(['404', '404']);
    await page.reload();
    await page.getByRole('button', { name: 'Status 404' }).waitFor();
    await page.getByRole('button', { name: 'Remove the filter Status' }).click();
    await page.getByText('No requests in this time').waitFor();
    expect([statusOfAddress(), asked.at(-1)]).toEqual([null, 'any']);
    await context.close();
  },
  TIMEOUT_MS,
);

it(
  'people delete themselves only once they typed who they are; a wrong password stands beside its field',
  async () => {
    const sent: unknown[] = [];
    standIn.answers.set('DELETE /api/v1/me', (_, response, body) => {
      sent.push(JSON.parse(body));
      if (sent.length === 1) return refuse(response, 401, 'invalid_credentials', 'e-mail or password is wrong');
      standIn.signedIn = false;
      response.writeHead(204).end();
    });
    const { page, context } = await stage.open();
    await page.goto('/console/settings');
    await page.getByRole('button', { name: 'Delete my user' }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete your user?' });
    const submit = dialog.getByRole('button', { name: 'Delete my user' });
    expect(await submit.isDisabled()).toBe(true);
    await dialog.getByLabel(`Type ${EMAIL} to confirm`).fill(EMAIL);
    await dialog.getByLabel('Present password').first().fill('wrong');
    await submit.click();
    await dialog.getByText('The present password is wrong.').waitFor();
    await dialog.getByLabel('Present password').first().fill('correct horse');
    await submit.click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    standIn.signedIn = true;
    await context.close();
    expect(sent).toEqual([{ current_password: 'wrong' }, { current_password: 'correct horse' }]);
  },
  TIMEOUT_MS,
);
