// The commands to try on the pipeline page.

import { html } from "../vendor/lit/lit-html.js";
import { icon } from "./icons.js";
import { curlRecipes, mongoshRecipes } from "./recipes.js";
import { t } from "./texts.js";

/** @import { Demonstration } from "./demonstration.js" */

/**
 * @typedef {object} TryItConfig
 * @property {string} workspace
 * @property {Demonstration} demonstration
 * @property {(text: string) => void} copy
 * @property {() => void} requestRender
 */

export class TryIt {
  /** @type {TryItConfig} */
  #config;
  /** @type {"mongosh" | "curl"} */
  #tool = "mongosh";

  /** @param {TryItConfig} config */
  constructor(config) {
    this.#config = config;
  }

  /** @param {{info: InstanceInfo | null, contact: PartialContact | null}} props contact is any one of the workspace */
  render({ info, contact }) {
    const { workspace, demonstration } = this.#config;
    const mongosh = this.#tool === "mongosh";
    const recipes = mongosh ? mongoshRecipes(info, contact, workspace) : curlRecipes(location.origin, contact, workspace);
    return html`<section class="card try" aria-labelledby="try-title">
      <div class="changes-head">
        <h2 id="try-title">${t.inspect.tryIt}</h2>
        <div class="spring"></div>
        <fieldset class="segments">
          <legend class="offscreen">${t.inspect.tool}</legend>
          ${this.#choice("mongosh")}${this.#choice("curl")}
        </fieldset>
      </div>
      <p class="note">${mongosh ? t.inspect.viaMongosh : t.inspect.viaCurl}</p>
      <ul>
        ${recipes.map((recipe) => this.#recipe(recipe))}
      </ul>
      ${demonstration.button(true)}
    </section>`;
  }

  /** @param {"mongosh" | "curl"} tool */
  #choice(tool) {
    const choose = () => {
      this.#tool = tool;
      this.#config.requestRender();
    };
    return html`<label class=${this.#tool === tool ? "on" : ""}
      ><input type="radio" name="tool" .checked=${this.#tool === tool} @change=${choose} />${tool}</label
    >`;
  }

  /** @param {Recipe} recipe */
  #recipe({ title, hint, line }) {
    return html`<li>
      <h3>${title}${hint ? html` <small>${hint}</small>` : ""}</h3>
      <div class="code">
        <code>${line}</code
        ><button
          type="button"
          class="quiet square small"
          aria-label="${t.common.copy}: ${title}"
          title=${t.common.copy}
          @click=${() => this.#config.copy(line)}
        >
          ${icon("copy")}
        </button>
      </div>
    </li>`;
  }
}
