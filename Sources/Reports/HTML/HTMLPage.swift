// SPDX-License-Identifier: GPL-3.0-or-later

/// What a report shows in a browser: plots, and texts for the template.
package struct HTMLPage {
    /// What the browser calls it.
    let title: String
    /// In the order of the page.
    let plots: [Plot]
    /// The texts, made of the plots' drawings.
    let context: ([Gnuplot.Drawing]) -> PageContext
}
