//! Saves what the browser drew as a file.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{
    Blob, BlobPropertyBag, CanvasRenderingContext2d, HtmlAnchorElement, HtmlCanvasElement,
    HtmlImageElement, Url,
};

/// Pixels of a picture for one of the drawing.
const ZOOM: f64 = 2.0;

/// Offers a text as a file. A browser that refuses leaves the page as it is.
pub fn text(name: &str, media_type: &str, content: &str) {
    if let Some(address) = address(media_type, content) {
        offer(name, &address);
        let _ = Url::revoke_object_url(&address);
    }
}

/// Offers an SVG as a PNG, which the browser makes from it.
pub fn png(name: String, svg: &str) {
    let (Some(address), Ok(image)) = (address("image/svg+xml", svg), HtmlImageElement::new())
    else {
        return;
    };
    let loaded = {
        let (image, address) = (image.clone(), address.clone());
        move || {
            if let Ok(data) = painted(&image) {
                offer(&name, &data);
            }
            let _ = Url::revoke_object_url(&address);
        }
    };
    let loaded = Closure::once_into_js(loaded);
    image.set_onload(Some(loaded.unchecked_ref()));
    image.set_src(&address);
}

fn painted(image: &HtmlImageElement) -> Result<String, JsValue> {
    let canvas: HtmlCanvasElement = document().create_element("canvas")?.unchecked_into();
    let size = |pixels: u32| (f64::from(pixels) * ZOOM) as u32;
    canvas.set_width(size(image.natural_width()));
    canvas.set_height(size(image.natural_height()));
    let context = canvas.get_context("2d")?.ok_or(JsValue::NULL)?;
    let context: CanvasRenderingContext2d = context.unchecked_into();
    context.scale(ZOOM, ZOOM)?;
    context.draw_image_with_html_image_element(image, 0.0, 0.0)?;
    canvas.to_data_url_with_type("image/png")
}

fn address(media_type: &str, content: &str) -> Option<String> {
    let kind = BlobPropertyBag::new();
    kind.set_type(media_type);
    let parts = js_sys::Array::of1(&JsValue::from_str(content));
    let blob = Blob::new_with_str_sequence_and_options(&parts, &kind).ok()?;
    Url::create_object_url_with_blob(&blob).ok()
}

fn offer(name: &str, address: &str) {
    if let Ok(anchor) = document().create_element("a") {
        let anchor: HtmlAnchorElement = anchor.unchecked_into();
        anchor.set_href(address);
        anchor.set_download(name);
        anchor.click();
    }
}
