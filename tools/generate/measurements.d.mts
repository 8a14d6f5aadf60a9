export declare const PAGES: readonly string[];
export declare function withMeasurements(page: string): string;
export declare function readPage(name: string): string;
