import { ApiError, processDriverConfig, refuseForTemplate } from '@ecolink/contracts';

/** A region as far as it decides what may run there. */
export interface LaunchableRegion {
  readonly region: string;
  readonly driver: string;
  readonly driverConfig: Readonly<Record<string, unknown>>;
}

/** What is to be run. */
interface RunWish {
  readonly image: string;
  readonly args: readonly string[];
  readonly envNames: readonly string[];
}

/**
 * The regions whose driver knows the image; where none does, or one does not allow an argument or a variable, the launch is
 * refused by the field's name, before anything is started.
 */
export function regionsForImage<Region extends LaunchableRegion>(body: RunWish, regions: readonly Region[]): readonly Region[] {
  const fit = regions.filter((region) => region.driver !== 'process' || templateOf(region, body.image) !== undefined);
  if (fit.length === 0 && regions.length > 0) {
    const known = [...new Set(regions.flatMap(imagesOf))].sort();
    throw refused('image', `no region runs "${body.image}" (known: ${known.join(', ') || 'none'})`);
  }
  for (const region of fit) {
    const template = region.driver === 'process' ? templateOf(region, body.image) : undefined;
    if (template === undefined) continue;
    const refusal = refuseForTemplate(template, body.args, body.envNames);
    if (refusal !== undefined)
      throw refused(refusal.kind === 'args' ? `args[${refusal.index}]` : `env.${refusal.name}`, refusal.reason);
  }
  return fit;
}

function templateOf(region: LaunchableRegion, image: string) {
  const config = processDriverConfig.safeParse(region.driverConfig);
  return config.success && Object.hasOwn(config.data.templates, image) ? config.data.templates[image] : undefined;
}

function imagesOf(region: LaunchableRegion): string[] {
  const config = processDriverConfig.safeParse(region.driverConfig);
  return config.success ? Object.keys(config.data.templates) : [];
}

function refused(param: string, message: string): ApiError {
  return new ApiError('invalid_request', `${param}: ${message}`, { param });
}
