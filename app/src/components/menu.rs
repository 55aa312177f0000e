//! A menu under a button: arrows move, Escape and leaving close.

use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;

/// Tells the items of a menu that one of them was chosen.
#[derive(Clone, Copy)]
struct MenuState {
    open: RwSignal<bool>,
}

/// The button shows `trigger`; the items are made when it opens.
#[component]
pub fn Menu(
    /// What a screen reader calls the button.
    #[prop(into)]
    label: Signal<String>,
    #[prop(optional)] class: &'static str,
    /// Aligns the list with the left edge of the button instead of the right one.
    #[prop(optional)]
    left: bool,
    trigger: ViewFn,
    children: ChildrenFn,
) -> impl IntoView {
    let open = RwSignal::new(false);
    provide_context(MenuState { open });
    let root = NodeRef::<html::Div>::new();
    let button = NodeRef::<html::Button>::new();
    Effect::new(move || {
        if open.get() {
            request_animation_frame(move || focus_item(root, Step::First));
        }
    });
    let on_key = move |event: ev::KeyboardEvent| {
        let step = match event.key().as_str() {
            "Escape" if open.get_untracked() => {
                event.stop_propagation();
                open.set(false);
                button.get_untracked().map(|button| button.focus());
                return;
            }
            "ArrowDown" if !open.get_untracked() => {
                event.prevent_default();
                open.set(true);
                return;
            }
            "ArrowDown" => Step::Next,
            "ArrowUp" => Step::Previous,
            "Home" => Step::First,
            "End" => Step::Last,
            _ => return,
        };
        event.prevent_default();
        focus_item(root, step);
    };
    let on_leave = move |event: ev::FocusEvent| {
        // The browser says this also of an element that leaves the page with everything around it.
        let Some(Some(root)) = root.try_get_untracked() else {
            return;
        };
        let inside = event
            .related_target()
            .and_then(|target| target.dyn_into::<web_sys::Node>().ok())
            .is_some_and(|to| root.contains(Some(&to)));
        if !inside && open.try_get_untracked() == Some(true) {
            let _ = open.try_set(false);
        }
    };
    let children = StoredValue::new(children);
    // What draws the menu may be asked once more when it left with its page already.
    let shown = move || open.try_get().unwrap_or(false);
    view! {
        <div node_ref=root class="menu-root" on:keydown=on_key on:focusout=on_leave>
            <button
                node_ref=button
                r#type="button"
                class=class
                aria-haspopup="menu"
                aria-label=move || label.get()
                aria-expanded=move || shown().to_string()
                on:click=move |_| open.update(|open| *open = !*open)
            >
                {trigger.run()}
            </button>
            <Show when=shown>
                <div class="menu" class:menu-left=left role="menu" tabindex="-1">
                    {children.with_value(|children| children())}
                </div>
            </Show>
        </div>
    }
    .into_any()
}

/// One line of a menu.
#[component]
pub fn MenuItem(
    #[prop(into)] label: Signal<String>,
    #[prop(optional, into)] keys: Option<String>,
    #[prop(optional)] danger: bool,
    /// Shows a mark before the chosen one of several.
    #[prop(optional, into)]
    chosen: Option<Signal<bool>>,
    on_choose: Callback<()>,
) -> impl IntoView {
    let state = use_context::<MenuState>();
    let choose = move |_| {
        on_choose.run(());
        // What was chosen may have led to another page.
        if let Some(state) = state {
            let _ = state.open.try_set(false);
        }
    };
    view! {
        <button
            r#type="button"
            role=if chosen.is_some() { "menuitemradio" } else { "menuitem" }
            aria-checked=move || chosen.map(|chosen| chosen.get().to_string())
            tabindex="-1"
            class="menu-item"
            class:menu-danger=danger
            on:click=choose
        >
            <span>{move || label.get()}</span>
            {keys.map(|keys| view! { <span class="menu-keys">{keys}</span> })}
        </button>
    }
    .into_any()
}

enum Step {
    First,
    Last,
    Next,
    Previous,
}

fn focus_item(root: NodeRef<html::Div>, step: Step) {
    // The frame may come when the menu has left with its page.
    let Some(Some(root)) = root.try_get_untracked() else {
        return;
    };
    let Ok(nodes) = root.query_selector_all(".menu-item, .menu a") else {
        return;
    };
    let items: Vec<web_sys::HtmlElement> = (0..nodes.length())
        .filter_map(|index| nodes.item(index)?.dyn_into().ok())
        .collect();
    let active = document().active_element();
    let at = items
        .iter()
        .position(|item| active.as_ref().is_some_and(|active| **item == *active));
    let last = items.len().saturating_sub(1);
    let next = match (step, at) {
        (Step::First, _) | (Step::Next, None) => 0,
        (Step::Last, _) | (Step::Previous, None) => last,
        (Step::Next, Some(at)) => {
            if at == last {
                0
            } else {
                at + 1
            }
        }
        (Step::Previous, Some(at)) => at.checked_sub(1).unwrap_or(last),
    };
    if let Some(item) = items.get(next) {
        // An element that just left the page cannot be focused; nothing depends on it.
        let _ = item.focus();
    }
}
