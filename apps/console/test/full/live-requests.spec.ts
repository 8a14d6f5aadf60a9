import { setStage } from '../support/stage.js';
import { json } from '../support/stand-in.js';

const TIMEOUT_MS = 90_000;
const stage = setStage();
const { standIn } = stage;

const request = (id: number) => ({
  ...{
    id: `req_${id}`,
    started_at: '2026-11-30T09:20:04.481Z',
    key_id: 'key_1',
    model: `model-${id}`,
    endpoint: '/v1/chat/completions',
  },
  ...{ status: 200, code: null, outcome: 'completed', region: 'mv', attempts: [], ttft_ms: 80, duration_ms: 900, units: null },
  ...{ estimated: false, cost_nano_usd: '0', source_tag: null, instance_id: null, platform_model_id: null },
});

it(
  'rows that somebody points at stay where they are: newer ones are counted on a button, which brings them',
  async () => {
    let newest = 40;
    standIn.answers.set('GET /api/v1/requests', (_, response) => {
      const data = Array.from({ length: newest }, (_row, index) => request(newest - index));
      const ends = { first_id: data[0]?.id, last_id: data.at(-1)?.id, has_more: false };
      json(response, { object: 'list', data, ...ends, counted_refusals: 0, searched_to: null });
    });
    const { page, context } = await stage.open();
    await page.goto('/console/requests');
    const region = page.getByRole('region', { name: 'Requests, newest first' });
    const first = region.locator('tbody tr').first();
    await first.getByText('model-40').waitFor();
    await first.hover();
    newest = 42;
    const button = page.getByRole('button', { name: '2 new' });
    await button.waitFor();
    expect(await first.getByText('model-40').count()).toBe(1);
    await button.click();
    await first.getByText('model-42').waitFor();
    await button.waitFor({ state: 'detached' });
    newest = 43;
    await page.getByRole('button', { name: '1 new' }).waitFor();
    await page.mouse.move(0, 0);
    await first.getByText('model-43').waitFor();
    await context.close();
  },
  TIMEOUT_MS,
);
