{
  const CONFIG = {
    background: null,
    font: "system-ui, sans-serif",
    view: { stroke: null },
    axis: {
      labelColor: "var(--ink)", titleColor: "var(--ink)", titleFontWeight: "normal", labelFontSize: 12, titleFontSize: 12,
      gridColor: "var(--line)", domainColor: "var(--muted)", tickColor: "var(--muted)", tickCount: 6,
    },
  };
  const OPTIONS = {
    mode: "vega-lite", renderer: "svg", config: CONFIG,
    ast: true, // expressions are interpreted, so that the policy of the page need not allow eval
    actions: false, defaultStyle: false, tooltip: { disableDefaultStyle: true },
  };

  const rows = (table, arms) =>
    table.rows.map((row) =>
      Object.fromEntries(table.columns.map((column, place) => [column, column === "arm" ? arms[row[place]] : row[place]]))
    );

  const show = async (comparison) => {
    const legend = document.getElementById(`${comparison.name}-arms`);
    const boxes = [...legend.querySelectorAll("input")];
    const section = document.getElementById(comparison.name);
    const views = [];
    const shown = () => comparison.arms.filter((_, place) => boxes[place].checked);
    const update = async () => {
      for (const figure of section.querySelectorAll("[data-only]")) {
        figure.hidden = !boxes[Number(figure.dataset.only)].checked;
      }
      for (const view of views) await view.signal("shown", shown()).runAsync();
    };
    legend.addEventListener("change", update);
    for (const { name, spec, data } of comparison.charts) {
      const datasets = { ...spec.datasets, [data.name]: rows(data, comparison.arms) };
      const params = spec.params.map((param) => (param.name === "shown" ? { ...param, value: shown() } : param));
      const { view } = await vegaEmbed(`#${name}`, { ...spec, params, datasets }, OPTIONS);
      views.push(view);
    }
    await update();
  };

  const all = JSON.parse(document.getElementById("charts").textContent);
  (async () => {
    for (const comparison of all) await show(comparison);
    document.documentElement.dataset.charts = "drawn";
  })();
}
